"""How much effort a tactic gets, and which tactics are worth a second try.

A policy may limit the effort of its own tactics, and of a first try. A tactic without a limit, such as a model's, first
gets a share of what one tactic may take. If that is too little, its state returns to the frontier for a second try with
the whole amount, ranked lower by the logarithm of that share. Otherwise a model that likes `decide` on large numbers
would spend the theorem's effort on a handful of tactics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from prover.core.budget import TACTIC_EFFORT, SearchBudget
from prover.core.effort import Limit
from prover.core.proof_state import TacticOutcome, TimedOut
from prover.policies.generator import TacticCandidate

FIRST_SHARE = 0.2
"""Share of the effort of one tactic that the first try gets."""

SECOND_TRY = math.log(FIRST_SHARE)
"""Added to the log-probability (nats) of a tactic that waits for its second try."""


@dataclass(frozen=True, slots=True)
class EffortShares:
    """The efforts that one search allows. `counted`: the assistant counts effort, and does not measure seconds."""

    budget: SearchBudget
    counted: bool

    def of(self, candidate: TacticCandidate) -> float:
        """Return how much effort a candidate may take now."""
        own = min(candidate.effort, candidate.first_effort)
        return min(own if own < math.inf else FIRST_SHARE * self._whole, self.budget.tactic_effort or math.inf)

    def second_try(self, candidate: TacticCandidate, outcome: TacticOutcome) -> TacticCandidate | None:
        """Return the candidate with the whole effort if it ran out of that of its first try, else None."""
        whole = candidate.effort if candidate.effort < math.inf else self._whole
        more = candidate.effort == math.inf or candidate.first_effort < whole
        if more and isinstance(outcome, TimedOut) and self._used_up(candidate, outcome):
            return replace(candidate, effort=whole, first_effort=whole)
        return None

    def _used_up(self, candidate: TacticCandidate, outcome: TimedOut) -> bool:
        """Was the share used up? A limit that was reached before that would be reached again."""
        if self.counted:
            return outcome.limit is Limit.EFFORT
        return not 0 < outcome.elapsed_s < self.of(candidate)

    @property
    def _whole(self) -> float:
        return self.budget.tactic_effort or TACTIC_EFFORT
