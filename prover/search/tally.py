"""What a search counts, and the result made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, assert_never

from prover.core.budget import BudgetMeter
from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TacticOutcome, TimedOut
from prover.core.record import SearchResult, SearchStatistics, StopReason
from prover.search.frontier import Node

Party = Literal["policy_s", "assistant_s"]


@dataclass(slots=True)
class Tally:
    """The counts of one search, besides those that the budget's meter keeps."""

    meter: BudgetMeter
    counts: Counter[str] = field(default_factory=Counter)
    waited: dict[Party, float] = field(default_factory=lambda: {"policy_s": 0.0, "assistant_s": 0.0})
    depth: int = 0

    @contextmanager
    def waiting_for(self, party: Party) -> Iterator[None]:
        """Add the seconds spent in the block to the time waited for the policy or the assistant."""
        before = self.meter.clock()
        try:
            yield
        finally:
            self.waited[party] += self.meter.clock() - before

    def add(self, outcome: TacticOutcome, *, depth: int, new: bool) -> None:
        """Count a tactic: its outcome, the length of its path, and whether it led to a new state."""
        self.depth = max(self.depth, depth)
        match outcome:
            case Advanced():
                self.counts["advanced"] += 1
                self.counts["seen_again"] += not new
            case Closed():
                pass  # the proof found speaks for itself
            case Rejected():
                self.counts["rejected"] += 1
            case GaveUp():
                self.counts["gave_up"] += 1
            case TimedOut():
                self.counts["out_of_effort" if outcome.limit is Limit.EFFORT else "timed_out"] += 1
            case _:
                assert_never(outcome)

    def result(
        self, stop: StopReason, proof: Node | None, *, limit: Limit | None, counted: bool, deterministic: bool
    ) -> SearchResult:
        """Return the result of the search.

        `counted`: the assistant counts effort. `deterministic`: the policy proposes the same everywhere.
        """
        by_clock = self.counts["timed_out"] > 0 or limit is Limit.TIME or stop is StopReason.CANCELLED
        return SearchResult(
            stop=stop,
            limit=limit,
            effort_unit="heartbeats" if counted else "seconds",
            reproducible=counted and deterministic and not by_clock,
            tactics=proof.tactics if proof else None,
            sources=proof.sources if proof else (),
            statistics=SearchStatistics(
                expansions=self.meter.expansions,
                tactics=self.meter.tactics,
                depth=self.depth,
                effort=round(self.meter.effort, 6),
                elapsed_s=self.meter.elapsed_s,
                **self.waited,
                **self.counts,
            ),
        )
