"""How much a search may spend, and how much it has spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

WEEK_S = 604_800.0


class SearchBudget(BaseModel):
    """Limits of one search. Whichever is reached first ends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expansions: int = Field(default=100, ge=1, description="states whose candidates are tried")
    candidates: int = Field(default=32, ge=1, description="tactics tried at a state before others get their turn")
    timeout_s: float = Field(default=60.0, gt=0, le=WEEK_S, description="wall time of the search, without verification")
    tactic_timeout_s: float = Field(default=10.0, gt=0, le=WEEK_S, description="wall time of one tactic")


@dataclass(slots=True)
class BudgetMeter:
    """What is left of a budget. The clock (seconds, monotonic) starts when the meter is made."""

    budget: SearchBudget
    clock: Callable[[], float] = time.monotonic
    expansions: int = 0
    tactics: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the meter was made."""
        return self.clock() - self.started

    @property
    def remaining_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.budget.timeout_s - self.elapsed_s)

    @property
    def spent(self) -> bool:
        """May no further state be expanded?"""
        return self.expansions >= self.budget.expansions or self.remaining_s <= 0
