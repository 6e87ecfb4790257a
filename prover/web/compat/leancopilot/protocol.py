"""The messages of LeanCopilot's protocol for external models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from prover.proving.goal_text import MAX_GOAL_CHARACTERS
from prover.web.compat.tactic_suggestions import MAX_PREFIX_CHARACTERS
from prover.web.routes.tactics import STATE


class GeneratorRequest(BaseModel):
    """The model (any name: there is one policy), the proof state, and the beginning of the tactic."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "prover", "input": STATE, "prefix": ""}]})

    name: str
    input: str = Field(min_length=1, max_length=MAX_GOAL_CHARACTERS)
    prefix: str | None = Field(default=None, max_length=MAX_PREFIX_CHARACTERS)


class Generation(BaseModel):
    """A tactic and its probability of success, which aesop multiplies along a branch."""

    output: str
    score: float = Field(gt=0, le=1)


class GeneratorResponse(BaseModel):
    """Tactics, best first."""

    outputs: list[Generation]


class EncoderRequest(BaseModel):
    """The model (any name: there is one encoder), and a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "prover", "input": STATE}]})

    name: str
    input: str = Field(max_length=MAX_GOAL_CHARACTERS)


class EncoderResponse(BaseModel):
    """One vector."""

    outputs: list[float]


class LeanCopilotError(BaseModel):
    """What is wrong with the request. The Lean side reports only that it cannot read the answer."""

    detail: str
