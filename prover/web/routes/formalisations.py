"""From a problem in words to a formal statement, while the client waits."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, ConfigDict, Field

from prover.core.text import is_control
from prover.errors import BeyondLimitError, TooBusyError
from prover.proving.formalise import Formalisation, Formaliser
from prover.web.compat.errors import unless_disconnected
from prover.web.schemas import Body

AT_ONCE = 2
LONGEST_LINE = 20
"""Requests that wait or are at it; beyond that, 429."""


def _plain(text: str) -> str:
    """Refuse what a model cannot be sent: half a character, or characters that show nothing."""
    if any(is_control(character) or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("control characters and broken Unicode are not read")
    return text


Words = Annotated[str, AfterValidator(_plain)]


class FormalisationSubmission(Body):
    """A problem in words, a proof in words if there is one, and how often the model is asked."""

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

    problem: Words = Field(min_length=1, max_length=20_000, pattern=r"\S", description="what is to be stated")
    solution: Words = Field(default="", max_length=50_000, description="a proof in words, which helps the model")
    environment: str | None = Field(default=None, max_length=200, description="must be the one that the server has")
    samples: int = Field(default=8, ge=1, le=32, description="statements asked for in a round")
    rounds: int = Field(default=2, ge=1, le=4, description="how often the model is asked while none is accepted")
    sketches: int = Field(default=4, ge=0, le=16, description="sketches of a proof to ask for")
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0, lt=2**31)
    timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="for the proof assistant to read one text"
    )


def router(formaliser: Formaliser, *, reading_s: float, name: str = "lean") -> APIRouter:
    """Return the route. `reading_s`: most time for one text; `name`: what the server's assistant is called."""
    routes = APIRouter(prefix="/v1/formalisations", tags=["formalisations"])
    slots = asyncio.Semaphore(AT_ONCE)
    waiting = 0

    @routes.post("", summary="State a problem that is given in words")
    async def formalise(body: FormalisationSubmission, request: Request) -> Formalisation:
        """Ask the model for statements, and for sketches of a proof; the proof assistant reads each.

        It checks syntax and types. Whether a statement says what the words say it cannot know: read it. A problem of
        which nothing comes is an answer (200) with `best` null.
        """
        nonlocal waiting
        if body.timeout_s is not None and body.timeout_s > reading_s:
            raise BeyondLimitError(f"timeout_s is at most {reading_s:g} here", place=("timeout_s",))
        if body.environment not in {None, name, formaliser.environment}:
            has = f"this server states for {formaliser.environment} (`{name}`) only"
            raise BeyondLimitError(has, place=("environment",))
        if waiting >= LONGEST_LINE:
            raise TooBusyError("too many problems wait to be stated", retry_after_s=30.0)
        waiting += 1
        try:
            async with slots:
                asking = formaliser.formalise(
                    body.problem,
                    solution=body.solution,
                    samples=body.samples,
                    rounds=body.rounds,
                    sketches=body.sketches,
                    temperature=body.temperature,
                    seed=body.seed,
                    timeout_s=body.timeout_s or reading_s,
                )
                return await unless_disconnected(request, asking)
        finally:
            waiting -= 1

    return routes
