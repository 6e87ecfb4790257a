"""Properties of best-first search, on the toy environment where every answer is known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.effort import Limit
from prover.core.proof_state import Closed, Goal, ProofState, TacticOutcome
from prover.core.record import SearchResult, StopReason
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.scripted import ScriptedPolicy
from prover.search.best_first import ALONE, best_first_search
from prover.search.events import Expanded, SearchEvent, Tried
from prover.search.frontier import Frontier, Node

TACTICS = st.lists(
    st.sampled_from(["add 1", "add 2", "add 7", "double", "done", "sorry", "nonsense", "add 0", "wait 99"]),
    min_size=1,
    max_size=6,
    unique=True,
)


def state(name: object) -> ProofState:
    return ProofState((Goal(str(name)),))


def search(
    start: int, target: int, tactics: Sequence[str], budget: SearchBudget, events: list[SearchEvent] | None = None
) -> SearchResult:
    async def run() -> SearchResult:
        theorem = Theorem.from_text(f"theorem count : {start} to {target}")
        async with ToyEnvironment().open(theorem) as session:
            return await best_first_search(
                session,
                ScriptedPolicy(tactics),
                BudgetMeter(budget),
                listener=events.append if events is not None else None,
            )

    return asyncio.run(run())


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(-50, 0))))
def test_frontier_pops_in_order_and_each_state_once(pushes: list[tuple[int, float]]) -> None:
    frontier = Frontier()
    best: dict[int, float] = {}
    for name, logprob in pushes:
        frontier.push(Node(state(name), logprob=logprob))
        best[name] = max(best.get(name, -math.inf), logprob)
    assert len(frontier) == len(best)
    popped = [frontier.pop() for _ in range(len(frontier))]
    assert [node.logprob for node in popped] == sorted(best.values(), reverse=True)
    assert {node.state for node in popped} == {state(name) for name in best}
    assert not any(frontier.push(Node(state(name), logprob=0.0)) for name in best)


def test_equal_priorities_leave_in_the_order_they_came() -> None:
    frontier = Frontier()
    for name in "abc":
        frontier.push(Node(state(name)))
    assert [frontier.pop().state for _ in range(3)] == [state(name) for name in "abc"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 30), st.integers(0, 60), TACTICS, st.integers(1, 12), st.integers(1, 6))
def test_budget_is_never_exceeded_and_found_proofs_replay(
    start: int, target: int, tactics: list[str], expansions: int, candidates: int
) -> None:
    events: list[SearchEvent] = []
    budget = SearchBudget(expansions=expansions, candidates=candidates, tactic_timeout_s=1)
    result = search(start, target, tactics, budget, events)
    assert result.statistics.expansions == sum(isinstance(event, Expanded) for event in events) <= expansions
    assert result.statistics.tactics == sum(isinstance(event, Tried) for event in events) <= expansions * candidates
    priorities = [event.node.logprob for event in events if isinstance(event, Expanded)]
    assert all(p <= 0 for p in priorities)
    if result.stop is StopReason.FOUND:
        assert result.tactics is not None
        assert replay_closes(start, target, result.tactics)
    else:
        assert result.tactics is None
        assert result.stop in {StopReason.EXHAUSTED, StopReason.BUDGET_SPENT}
        assert (result.stop is StopReason.BUDGET_SPENT) <= (result.statistics.expansions == expansions)


def replay_closes(start: int, target: int, tactics: Sequence[str]) -> bool:
    theorem = Theorem.from_text(f"theorem count : {start} to {target}")
    return asyncio.run(ToyEnvironment().check(theorem, tactics, timeout_s=1)).accepted


def test_proof_on_the_very_last_permitted_step_counts() -> None:
    result = search(0, 2, ["add 1", "done"], SearchBudget(expansions=3, candidates=2))
    assert result.stop is StopReason.FOUND
    assert result.statistics.expansions == 3


def test_cycles_end() -> None:
    result = search(5, 1, ["add 0"], SearchBudget(expansions=1000))
    assert result.stop is StopReason.EXHAUSTED
    assert result.statistics.expansions == 1
    assert result.statistics.seen_again == 1


def test_spent_time_stops_the_search() -> None:
    clock = iter(range(1000))
    meter = BudgetMeter(SearchBudget(timeout_s=5), clock=lambda: float(next(clock)))

    async def run() -> SearchResult:
        async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 900")) as session:
            return await best_first_search(session, ScriptedPolicy(["add 1"]), meter)

    result = asyncio.run(run())
    assert (result.stop, result.limit, result.reproducible) == (StopReason.BUDGET_SPENT, Limit.TIME, False)


def test_spent_effort_stops_the_search_and_what_is_left_counts_as_not_tried() -> None:
    result = search(0, 900, ["think 3", "think 4", "think 5", "add 1"], SearchBudget(effort=8, tactic_effort=60))
    assert (result.stop, result.limit, result.reproducible) == (StopReason.BUDGET_SPENT, Limit.EFFORT, True)
    assert (result.statistics.tactics, result.statistics.not_tried) == (3, 1)
    assert (result.statistics.rejected, result.statistics.out_of_effort) == (2, 1)  # one is left for the third
    assert result.statistics.effort == 8


def test_tactic_that_the_clock_stopped_makes_a_result_that_may_not_come_again() -> None:
    result = search(0, 0, ["wait 9", "done"], SearchBudget(tactic_timeout_s=0.01))
    assert (result.stop, result.statistics.timed_out, result.reproducible) == (StopReason.FOUND, 1, False)


async def test_cancel_is_prompt_even_inside_a_policy_that_never_answers() -> None:
    class Forever:
        identity = "forever"
        reproducible = True

        async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

    cancel = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, cancel.set)
    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 9")) as session:
        async with asyncio.timeout(300):
            result = await best_first_search(session, Forever(), BudgetMeter(SearchBudget()), cancel=cancel)
    assert result.stop is StopReason.CANCELLED


async def test_search_goes_on_after_a_refused_proof() -> None:
    refused: list[tuple[str, ...]] = []

    async def confirm(tactics: tuple[str, ...]) -> bool:
        refused.append(tactics)
        return len(refused) == 2

    async with ToyEnvironment().open(Theorem.from_text("theorem c : 2 to 4")) as session:
        result = await best_first_search(
            session, ScriptedPolicy(["add 2", "done", "qed"]), BudgetMeter(SearchBudget()), confirm=confirm
        )
    assert result.stop is StopReason.FOUND
    assert refused == [("add 2", "done"), ("add 2", "qed")]
    assert result.tactics == ("add 2", "qed")


async def test_duplicate_candidates_are_tried_once() -> None:
    events: list[SearchEvent] = []
    async with ToyEnvironment().open(Theorem.from_text("theorem c : 3 to 3")) as session:
        policy = ScriptedPolicy(["add 1", " add 1 ", "", "done"])
        await best_first_search(session, policy, BudgetMeter(SearchBudget()), listener=events.append)
    tried = [event for event in events if isinstance(event, Tried)]
    assert [event.candidate.tactic for event in tried] == ["add 1", "done"]
    assert isinstance(tried[-1].outcome, Closed)


def test_tactic_that_needs_more_than_its_first_effort_has_a_second_try_after_the_better_states() -> None:
    events: list[SearchEvent] = []
    result = search(0, 0, ["think 5", "add 1"], SearchBudget(expansions=9, effort=1000, tactic_effort=10), events)
    assert result.stop is StopReason.FOUND
    assert result.tactics == ("think 5",)
    expanded = [(event.node.state.text, event.candidates[0].tactic) for event in events if isinstance(event, Expanded)]
    assert expanded[0] == ("0 ⊢ 0", "think 5")
    assert expanded[1][0] == "1 ⊢ 0"
    assert result.statistics.out_of_effort >= 1
    assert result.statistics.timed_out == 0


def test_tactic_that_needs_too_much_effort_is_tried_twice_and_no_more() -> None:
    events: list[SearchEvent] = []
    result = search(0, 0, ["think 50"], SearchBudget(expansions=9, effort=1000, tactic_effort=10), events)
    assert result.stop is StopReason.EXHAUSTED
    assert [event.candidate.effort for event in events if isinstance(event, Tried)] == [math.inf, 10]


async def test_tactic_whose_policy_has_set_a_limit_is_tried_once() -> None:
    class Limited:
        identity = "limited"
        reproducible = True

        async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
            return [Proposal(() if tried else (TacticCandidate("think 5", -1.0, "here", effort=1.0),))]

    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 0")) as session:
        result = await best_first_search(session, Limited(), BudgetMeter(SearchBudget(tactic_effort=10)))
    assert (result.stop, result.statistics.tactics) == (StopReason.EXHAUSTED, 1)


async def test_tactic_whose_policy_has_set_a_first_limit_gets_the_whole_one_after_all_others() -> None:
    class Careful:
        identity = "careful"
        reproducible = True

        async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
            dear = TacticCandidate("think 5", -1.0, "here", effort=6.0, first_effort=1.0)
            hopeless = TacticCandidate("think 50", -2.0, "here", effort=6.0, first_effort=1.0)
            return [Proposal(() if tried else (hopeless, dear))]

    events: list[SearchEvent] = []
    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 0")) as session:
        result = await best_first_search(session, Careful(), BudgetMeter(SearchBudget()), listener=events.append)
    assert result.tactics == ("think 5",)
    tried = [(e.candidate.tactic, e.candidate.first_effort) for e in events if isinstance(e, Tried)]
    assert tried == [("think 50", 1.0), ("think 5", 1.0), ("think 50", 6.0), ("think 5", 6.0)]
    assert result.statistics.effort < 15


@pytest.mark.parametrize("answer", [True, False])
async def test_whether_the_statement_is_false_is_asked_once_when_the_search_has_taken_a_while(answer: bool) -> None:
    asked: list[float] = []

    async def refuted() -> bool:
        asked.append(meter.effort)
        return answer

    steps = [*("nonsense " + letter for letter in "abcdef"), *(f"think {i}" for i in range(2, 9))]
    meter = BudgetMeter(SearchBudget(tactic_effort=10))
    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 1")) as session:
        result = await best_first_search(session, ScriptedPolicy(steps), meter, refuted=refuted)
    assert len(asked) == 1
    assert asked[0] >= ALONE
    assert (result.stop is StopReason.REFUTED) == answer
    assert (result.statistics.tactics < len(steps)) == answer


async def test_a_search_that_takes_little_does_not_ask_whether_the_statement_is_false() -> None:
    async def refuted() -> bool:
        raise AssertionError("asked")

    meter = BudgetMeter(SearchBudget(tactic_effort=10))
    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 3")) as session:
        result = await best_first_search(session, ScriptedPolicy(["add 1", "done"]), meter, refuted=refuted)
    assert result.stop is StopReason.FOUND
    assert result.statistics.effort < ALONE


def test_crashed_session_is_an_exception_not_a_result() -> None:
    from prover.errors import SessionCrashedError

    with pytest.raises(SessionCrashedError):
        search(0, 1, ["crash"], SearchBudget())


async def test_a_policy_hears_what_comes_next_and_what_became_of_its_candidates() -> None:
    expected: list[ProofState] = []
    observed: list[tuple[str, str]] = []

    class Attentive(ScriptedPolicy):
        def prefetch(self, states: Sequence[ProofState], *, seed: int) -> None:
            expected.extend(states)

        def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
            observed.append((candidate.tactic, type(outcome).__name__))

    async with ToyEnvironment().open(Theorem.from_text("theorem c : 0 to 3")) as session:
        policy = Attentive(["add 1", "add 2", "nonsense", "done"])
        result = await best_first_search(session, policy, BudgetMeter(SearchBudget()))
    assert result.stop is StopReason.FOUND
    assert len(observed) == result.statistics.tactics
    assert {("add 1", "Advanced"), ("nonsense", "Rejected"), ("done", "Closed")} <= set(observed)
    assert expected


async def test_a_dear_portion_is_asked_for_only_after_the_cheap_one_failed() -> None:
    asked: list[int] = []

    class TwoPortions:
        identity = "two portions"
        reproducible = True

        async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
            asked.append(tried)
            if tried:
                return [Proposal((TacticCandidate("nonsense", -1.0, "dear"), TacticCandidate("done", -2.0, "dear")))]
            return [Proposal((TacticCandidate("nonsense", -1.0, "cheap"),), more=-1.5)]

    async with ToyEnvironment().open(Theorem.from_text("theorem c : 3 to 3")) as session:
        result = await best_first_search(session, TwoPortions(), BudgetMeter(SearchBudget()))
    assert result.sources == ("dear",)
    assert asked == [0, 1]
    assert result.statistics.tactics == 2  # what the cheap portion tried is not tried again


def test_more_time_than_effort_raises_the_effort_unless_it_is_given() -> None:
    default = SearchBudget(effort=30)
    assert default.changed({}) == default
    assert default.changed({"timeout_s": 600}).effort == 600
    assert default.changed({"timeout_s": 5}).effort == 30
    assert default.changed({"timeout_s": 600, "effort": 2}).effort == 2
    assert default.changed({"tactic_timeout_s": 45}).tactic_effort == 45
