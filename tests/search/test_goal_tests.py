"""A state that a test refutes waits until nothing else is left, and is never given up."""

from __future__ import annotations

from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import ProofState
from prover.core.record import SearchResult, StopReason
from prover.core.theorem import Theorem
from prover.environments.environment import ProofSession
from prover.environments.toy import ToyEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.search.best_first import best_first_search
from prover.search.events import Expanded, SearchEvent, each_of
from prover.search.goal_tests import GoalAnswer, GoalTest
from prover.search.trace import AttemptStatus, SearchTrace


class Doubting:
    """Calls states with these numbers false."""

    def __init__(self, *numbers: int, effort: float = 0.0) -> None:
        self.numbers = numbers
        self.effort = effort
        self.asked: list[int] = []

    async def __call__(self, session: ProofSession, state: ProofState, *, effort_left: float) -> GoalAnswer:
        """Say so."""
        number = _number(state)
        self.asked.append(number)
        return GoalAnswer(f"n = {number}" if number in self.numbers else None, self.effort)


def _number(state: ProofState) -> int:
    return int(state.text.split()[0])


async def searched(
    goal_test: GoalTest | None, statement: str = "theorem t : 0 to 6", **limits: float
) -> tuple[SearchResult, list[int], SearchTrace]:
    """Search; return the result, the numbers expanded, and the trace."""
    order: list[int] = []

    def note(event: SearchEvent) -> None:
        if isinstance(event, Expanded):
            order.append(_number(event.node.state))

    trace = SearchTrace(statement)
    policy = ScriptedPolicy(["add 1", "add 2", "qed"])
    budget = SearchBudget().changed({"expansions": 12, **limits})
    async with ToyEnvironment().open(Theorem.from_text(statement)) as session:
        result = await best_first_search(
            session, policy, BudgetMeter(budget), goal_test=goal_test, listener=each_of(note, trace)
        )
    return result, order, trace


async def test_what_is_refuted_comes_after_all_else() -> None:
    _, without, _ = await searched(None)
    _, order, _ = await searched(Doubting(1))
    assert without[1] == 1
    assert 1 not in order[: len(order) - 1]
    assert order[1] == 2


async def test_what_is_refuted_is_not_given_up() -> None:
    result, order, _ = await searched(Doubting(1, 2), "theorem t : 0 to 3")
    assert result.stop is StopReason.FOUND
    assert order[0] == 0
    assert order[1] in (1, 2)


async def test_each_new_state_is_tested_once_and_the_effort_counts() -> None:
    test = Doubting(effort=0.5)
    result, _, _ = await searched(test)
    assert len(test.asked) == len(set(test.asked))
    assert result.statistics.effort >= 0.5 * len(test.asked)
    few, _, _ = await searched(Doubting(effort=0.5), effort=2.0)
    assert few.stop is StopReason.BUDGET_SPENT


async def test_tree_says_for_what_a_state_is_false() -> None:
    _, _, trace = await searched(Doubting(1))
    messages = {
        attempt.tactic: attempt.message
        for attempt in trace.tree().nodes[0].attempts
        if attempt.status is AttemptStatus.ADVANCED
    }
    assert messages == {"add 1": "false for n = 1", "add 2": ""}


async def test_without_a_test_the_search_is_what_it_was() -> None:
    nothing, order, _ = await searched(Doubting())
    alone, before, _ = await searched(None)
    assert order == before
    assert nothing.tactics == alone.tactics
