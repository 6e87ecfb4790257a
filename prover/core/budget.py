"""How much a search may spend, and how much it has spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from prover.core.effort import Limit

WEEK_S = 604_800.0
TACTIC_EFFORT = 10.0
"""Effort limit of a tactic that has no other limit."""


class SearchBudget(BaseModel):
    """Limits of one search. Whichever is reached first ends it.

    Effort gives the same result on every machine and under every load, see `prover.core.effort`. The wall-clock
    limits are meant for assistants that do not count their work, and are generous.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    expansions: int = Field(default=100, ge=1, description="states whose candidates are tried")
    candidates: int = Field(default=32, ge=1, description="tactics tried at a state before others get their turn")
    effort: float = Field(
        default=60.0,
        gt=0,
        le=WEEK_S,
        description="work of the proof assistant, without verification: a unit is about a second of an idle core",
    )
    tactic_effort: float | None = Field(
        default=None,
        gt=0,
        le=WEEK_S,
        description=f"most effort of one tactic; otherwise what its policy thinks it worth, else {TACTIC_EFFORT:g}",
    )
    timeout_s: float = Field(default=1800.0, gt=0, le=WEEK_S, description="wall time of the search")
    tactic_timeout_s: float = Field(default=600.0, gt=0, le=WEEK_S, description="wall time of one tactic")

    def changed(self, given: Mapping[str, float]) -> SearchBudget:
        """Return this budget with the limits that are given.

        Someone who gives more time than there is effort, and no effort, is ready to wait that long: the effort is
        raised to match.
        """
        limits = self.model_dump() | dict(given)
        if "effort" not in given:
            limits["effort"] = max(limits["effort"], given.get("timeout_s", 0.0))
        if "tactic_effort" not in given and given.get("tactic_timeout_s", 0.0) > TACTIC_EFFORT:
            limits["tactic_effort"] = given["tactic_timeout_s"]
        return SearchBudget.model_validate(limits)


@dataclass(slots=True)
class BudgetMeter:
    """What is left of a budget. The clock (seconds, monotonic) starts when the meter is made."""

    budget: SearchBudget
    clock: Callable[[], float] = time.monotonic
    expansions: int = 0
    tactics: int = 0
    effort: float = 0.0
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
    def remaining_effort(self) -> float:
        """Units of effort left, never negative."""
        return max(0.0, self.budget.effort - self.effort)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock during the block."""
        before = self.clock()
        try:
            yield
        finally:
            self.started += self.clock() - before

    @property
    def spent(self) -> Limit | None:
        """The limit that forbids another expansion, if one does."""
        if self.remaining_effort <= 0:
            return Limit.EFFORT
        if self.expansions >= self.budget.expansions:
            return Limit.EXPANSIONS
        return Limit.TIME if self.remaining_s <= 0 else None
