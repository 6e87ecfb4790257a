"""Formalisation: from a problem in words to a formal statement, while the client waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, ConfigDict, Field

from prover.core.text import is_control
from prover.errors import BeyondLimitError
from prover.proving.formalise import Formalisation, Formaliser
from prover.web.disconnection import unless_disconnected
from prover.web.schemas import Body
from prover.web.waiting_line import WaitingLine

CONCURRENCY = 2
CAPACITY = 20
"""Requests that are answered or wait; further ones are refused with 429."""


def _plain(text: str) -> str:
    """Reject what cannot be sent to a model: lone surrogates and control characters."""
    if any(is_control(character) or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("control characters and lone surrogates are not allowed")
    return text


Words = Annotated[str, AfterValidator(_plain)]


class FormalisationSubmission(Body):
    """A problem in words, optionally with a solution in words, and how often to ask the model."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"problem": "The sum of two even numbers is even."},
                {
                    "problem": "The sum of two even numbers is even.",
                    "solution": "Write them as 2a and 2b; the sum is 2(a + b).",
                    "samples": 4,
                    "sketches": 0,
                },
            ]
        }
    )

    problem: Words = Field(min_length=1, max_length=20_000, pattern=r"\S", description="the problem in words")
    solution: Words = Field(default="", max_length=50_000, description="a solution in words, as help for the model")
    environment: str | None = Field(
        default=None, max_length=200, description="must be the environment of this server, if given"
    )
    samples: int = Field(default=8, ge=1, le=32, description="statements to sample in each round")
    rounds: int = Field(
        default=2,
        ge=1,
        le=4,
        description="maximum number of rounds; a round in which a statement is accepted is the last",
    )
    sketches: int = Field(default=4, ge=0, le=16, description="proof sketches to sample")
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0, lt=2**31)
    timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="wall time for the proof assistant to check one text"
    )


def router(formaliser: Formaliser, *, reading_s: float, name: str = "lean") -> APIRouter:
    """Return the route. `reading_s`: largest `timeout_s` of a request; `name`: as in `PROVER_ENVIRONMENT`."""
    routes = APIRouter(prefix="/v1/formalisations", tags=["formalisations"])
    line = WaitingLine(
        concurrency=CONCURRENCY,
        capacity=CAPACITY,
        refusal="too many problems are waiting to be formalised",
        retry_after_s=30.0,
    )

    @routes.post("", summary="Formalise a problem given in words")
    async def formalise(body: FormalisationSubmission, request: Request) -> Formalisation:
        """Ask the model for statements and proof sketches, and let the proof assistant check each.

        It checks syntax and types. It cannot check that a statement means what the problem says: read it. If no
        statement is accepted, the answer is 200 with `best` null.
        """
        if body.timeout_s is not None and body.timeout_s > reading_s:
            raise BeyondLimitError(f"timeout_s is at most {reading_s:g} here", place=("timeout_s",))
        if body.environment not in {None, name, formaliser.environment}:
            has = f"this server formalises for {formaliser.environment} (`{name}`) only"
            raise BeyondLimitError(has, place=("environment",))
        async with line.turn():
            formalising = formaliser.formalise(
                body.problem,
                solution=body.solution,
                samples=body.samples,
                rounds=body.rounds,
                sketches=body.sketches,
                temperature=body.temperature,
                seed=body.seed,
                timeout_s=body.timeout_s or reading_s,
            )
            return await unless_disconnected(request, formalising)

    return routes
