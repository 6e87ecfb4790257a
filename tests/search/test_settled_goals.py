"""A goal that is closed needs no other proof: what was still to be tried there waits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import Advanced, Closed, Goal, ProofState, Rejected, TacticOutcome
from prover.core.record import StopReason
from prover.environments.environment import OpenedTheorem
from prover.policies.scripted import ScriptedPolicy
from prover.search.best_first import BATCH, best_first_search

FIRST, SECOND = Goal("⊢ p"), Goal("⊢ q")


class TwoGoals:
    """A session in which one tactic closes the first goal and another one the second; it notes what is tried where."""

    theorem = OpenedTheorem("t", "theorem t : p ∧ q", "")
    counts_effort = True

    def __init__(self, closes_first: str, closes_second: str) -> None:
        self.initial = ProofState((FIRST, SECOND))
        self._closes = {FIRST: closes_first, SECOND: closes_second}
        self.tried: list[tuple[Goal, str]] = []

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        """Close the goal by its own tactic; all others fail."""
        outcomes: list[TacticOutcome] = []
        for tactic in tactics:
            self.tried.append((state.goals[0], tactic))
            if tactic != self._closes[state.goals[0]]:
                outcomes.append(Rejected("no", 0.1))
            elif len(state.goals) > 1:
                outcomes.append(Advanced(ProofState(state.goals[1:]), 0.1))
            else:
                return [*outcomes, Closed(0.1)]
        return outcomes

    def release(self, states: Iterable[ProofState]) -> None:
        """Nothing is kept."""


async def test_the_next_goal_comes_before_other_proofs_of_this_one() -> None:
    tactics = [f"t{number}" for number in range(5 * BATCH)]
    session = TwoGoals("t0", "t1")
    result = await best_first_search(session, ScriptedPolicy(tactics), BudgetMeter(SearchBudget()))
    assert result.stop is StopReason.FOUND
    assert len([1 for goal, _ in session.tried if goal == FIRST]) == BATCH


async def test_other_proofs_are_tried_when_nothing_else_is_left() -> None:
    tactics = [f"t{number}" for number in range(3 * BATCH)]
    session = TwoGoals("t0", "none")
    result = await best_first_search(session, ScriptedPolicy(tactics), BudgetMeter(SearchBudget()))
    assert result.stop is StopReason.EXHAUSTED
    assert [tactic for goal, tactic in session.tried if goal == FIRST] == tactics
