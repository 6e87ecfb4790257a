"""What is suggested: tactics, each with what became of it, and the options of the one who asks."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from prover.core.record import Frozen


class Outcome(StrEnum):
    """What the assistant said of a suggestion."""

    CLOSES = "closes"
    ADVANCES = "advances"
    UNTRIED = "untried"
    FAILS = "fails"


RANK = {Outcome.CLOSES: 0, Outcome.ADVANCES: 1, Outcome.UNTRIED: 2, Outcome.FAILS: 3}


class SuggestionOptions(Frozen):
    """How many suggestions, how they begin, and how long trying them may take, not counting reading the goal."""

    n: int = Field(default=32, ge=1, le=256, description="suggestions at most")
    prefix: str = Field(default="", max_length=1000, description="how every suggestion must begin")
    timeout_s: float = Field(default=10.0, gt=0, le=60, description="wall time of trying them all")
    tactic_timeout_s: float = Field(default=3.0, gt=0, le=60, description="wall time of trying one")
    seed: int = Field(default=0, ge=0, lt=2**31)
    context: str = Field(
        default="", max_length=1_000_000, description="the file up to the cursor, for language models that read it"
    )


DEFAULTS = SuggestionOptions()


class Suggestion(Frozen):
    """A tactic, how likely the policy thinks it (nats, at most 0), and what became of it."""

    tactic: str
    logprob: float = Field(le=0)
    source: str = Field(description="what proposed it")
    outcome: Outcome = Outcome.UNTRIED
    goals: tuple[str, ...] = Field(default=(), description="what is left to prove, if it advances")
    message: str | None = Field(default=None, description="the assistant's words, if it fails")


class Suggestions(Frozen):
    """The best first: what closes, what advances, what was not tried, what fails; by log-probability within each.

    For a goal of a client that has Mathlib where the service has not, what advances and what only the client can try
    come together.
    """

    goals: tuple[str, ...] = Field(description="the proof state that the suggestions are for; empty: nothing is left")
    suggestions: tuple[Suggestion, ...]
    tried_in: Literal["theorem", "goal"] | None = Field(
        description="where the suggestions were tried: in the theorem as given; in a theorem made from the printed "
        "goal, which may differ from it; nowhere, as that could not be read"
    )
    theorem: str | None = Field(default=None, description="what the printed goal was read back as")
    renamed: tuple[str, ...] = Field(
        default=(), description="names in it for variables that have none, in the order that `rename_i` wants"
    )
    environment: str
    policy: str
    notes: tuple[str, ...] = Field(default=(), description="what failed beside the suggestions")
