"""POST /v1/tactics: tactics to try next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from prover.core.theorem import Theorem, with_header
from prover.proving.suggest import LONGEST_PATH, SuggestionOptions, Suggestions

STATE = "p q : Prop\nhp : p\nhq : q\n⊢ p ∧ q"
THEOREM = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"


class Suggesting(Protocol):
    """What the route needs of `prover.proving.suggest.Suggester`."""

    async def for_theorem(self, theorem: Theorem, tactics: Sequence[str], options: SuggestionOptions) -> Suggestions:
        """Suggest the tactic that follows these."""

    async def for_state(self, state: str, *, header: str, options: SuggestionOptions) -> Suggestions:
        """Suggest for a printed proof state."""


class TacticsRequest(SuggestionOptions):
    """A theorem with the tactics so far, or a proof state as Lean prints it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"theorem": THEOREM, "tactics": ["constructor"]}, {"state": STATE, "n": 8}],
        },
    )

    theorem: str | None = Field(default=None, description="the statement, with or without `:= by sorry`")
    tactics: list[str] = Field(default=[], max_length=LONGEST_PATH, description="the proof so far; only with `theorem`")
    state: str | None = Field(
        default=None, description="a proof state as Lean prints it; suggestions are for its first goal"
    )
    header: str = Field(default="", description="text before the theorem: imports, `open`, definitions")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.theorem is None) == (self.state is None):
            raise ValueError("give either `theorem` (and `tactics`) or `state`")
        if self.tactics and self.theorem is None:
            raise ValueError("`tactics` needs `theorem`")
        return self


def router(suggesting: Suggesting) -> APIRouter:
    """Return the route. Errors are those of `prover.errors`; the application turns them into problems."""
    routes = APIRouter(prefix="/v1", tags=["tactics"])

    @routes.post("/tactics", summary="Suggest tactics, each tried")
    async def tactics(asked: TacticsRequest) -> Suggestions:
        """Suggest tactics: those that close the goal first, then those that advance it, then those that fail.

        With `theorem`, each is tried in it. With `state`, the goal is read back as a theorem if Lean can parse it. If
        the goal is Mathlib's and the server has it not, Mathlib's tactics come along, for the client to try.
        `closes` is the outcome in the session; only `POST /v1/verifications` says whether it is a proof.
        """
        if asked.theorem is not None:
            theorem = Theorem.from_text(with_header(asked.header, asked.theorem))
            return await suggesting.for_theorem(theorem, asked.tactics, asked)
        return await suggesting.for_state(asked.state or "", header=asked.header, options=asked)

    return routes
