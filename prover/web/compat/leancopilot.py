"""LeanCopilot's protocol for external models.

`python/server.py` and `LeanCopilot/Models/External.lean` of `lean-dojo/LeanCopilot` @6073803.
"""

from __future__ import annotations

import math

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from prover.models.encoder import Encoder
from prover.proving.goal_text import MAX_GOAL_CHARACTERS
from prover.proving.suggest import Outcome, Suggestion, SuggestionOptions
from prover.web.compat.errors import errors_as
from prover.web.routes.tactics import STATE, Suggesting

LIMITS = SuggestionOptions(n=32, timeout_s=8.0, tactic_timeout_s=2.0)
LEAST_SCORE = 1e-6
FAILED = 0.1
"""What failed in the goal read back may hold in the user's file: its probability is cut, not lost."""


class GeneratorRequest(BaseModel):
    """Which model (any name: there is one policy), the proof state, and how the tactic begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "prover", "input": STATE, "prefix": ""}]})

    name: str
    input: str = Field(min_length=1, max_length=MAX_GOAL_CHARACTERS)
    prefix: str | None = Field(default=None, max_length=1000)


class Generation(BaseModel):
    """A tactic and its probability of success, which aesop multiplies along a branch."""

    output: str
    score: float = Field(gt=0, le=1)


class GeneratorResponse(BaseModel):
    """The best first."""

    outputs: list[Generation]


class EncoderRequest(BaseModel):
    """Which model (any name: there is one encoder), and a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "prover", "input": STATE}]})

    name: str
    input: str = Field(max_length=MAX_GOAL_CHARACTERS)


class EncoderResponse(BaseModel):
    """One vector."""

    outputs: list[float]


class LeanCopilotError(BaseModel):
    """What is wrong with the request. The Lean side says only that it cannot read the answer."""

    detail: str


def router(suggesting: Suggesting, encoder: Encoder) -> APIRouter:
    """Return both routes."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: LeanCopilotError(detail=sentence).model_dump()),
        responses={422: {"model": LeanCopilotError}, 503: {"model": LeanCopilotError}},
    )

    @routes.post("/generate", summary="LeanCopilot: tactics")
    async def generate(asked: GeneratorRequest) -> GeneratorResponse:
        """Suggest tactics with scores in (0, 1]; 1 for what closed the goal when it was tried."""
        found = await suggesting.for_state(
            asked.input,
            header="",
            options=LIMITS.model_copy(update={"prefix": asked.prefix or ""}),
        )
        generations = [Generation(output=s.tactic, score=_score(s)) for s in found.suggestions]
        return GeneratorResponse(outputs=sorted(generations, key=lambda generation: -generation.score))

    @routes.post("/encode", summary="LeanCopilot: a vector")
    async def encode(asked: EncoderRequest, response: Response) -> EncoderResponse:
        """Encode a text. The header `X-Encoder` names the encoder: compare only vectors of the same."""
        response.headers["X-Encoder"] = encoder.identity
        return EncoderResponse(outputs=await encoder.encode(asked.input))

    return routes


def _score(suggestion: Suggestion) -> float:
    if suggestion.outcome is Outcome.CLOSES:
        return 1.0
    cut = FAILED if suggestion.outcome is Outcome.FAILS else 1.0
    return min(1.0, max(LEAST_SCORE, math.exp(suggestion.logprob) * cut))
