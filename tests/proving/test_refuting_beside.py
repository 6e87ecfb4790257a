"""A counterexample is looked for beside the search: after a while, until something is found, and no longer."""

from __future__ import annotations

import asyncio

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Goal, ProofState, Rejected
from prover.core.record import Refutation, StopReason, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import ProofSession
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import SessionCrashedError
from prover.policies.generator import TacticCandidate
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.proving.refuting_beside import AFTER, RefutingBeside
from prover.refutation.refute import FoundRefutation
from prover.search.best_first import ALONE, BATCH
from prover.search.events import SearchEvent, Tried
from prover.search.frontier import Node

REFUTATION = Refutation(
    counterexample={"n": "1"},
    tactics=("decide",),
    verification=Verification(accepted=True, source="", environment="lean", elapsed_s=0),
)


class Work:
    """A search for a counterexample that ends when it is told to."""

    def __init__(self) -> None:
        self.started = self.ended = 0
        self.answer: asyncio.Future[Refutation | None] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> Refutation | None:
        self.started += 1
        try:
            return await self.answer
        finally:
            self.ended += 1


def tried(effort: float) -> Tried:
    """Return what a search reports of a tactic that took so much."""
    node = Node(ProofState((Goal("⊢ True"),)))
    return Tried(node, TacticCandidate("simp", -1.0, "test"), Rejected("no", effort=effort), new=False)


async def test_starts_once_when_the_search_has_taken_a_while() -> None:
    work = Work()
    async with RefutingBeside(work) as beside:
        for effort, started in ((AFTER / 2, 0), (AFTER / 4, 0), (AFTER / 4, 1), (AFTER, 1)):
            beside(tried(effort))
            await asyncio.sleep(0)
            assert work.started == started
    assert work.ended == 1


async def test_what_is_found_is_announced() -> None:
    work = Work()
    async with RefutingBeside(work) as beside:
        beside(tried(AFTER))
        work.answer.set_result(REFUTATION)
        await asyncio.wait_for(beside.found.wait(), 300)
        assert await beside.start() == REFUTATION
    assert work.started == 1


async def test_nothing_found_is_no_announcement() -> None:
    work = Work()
    work.answer.set_result(None)
    async with RefutingBeside(work) as beside:
        assert await beside.start() is None
        await asyncio.sleep(0)
        assert not beside.found.is_set()


async def test_failed_machine_matters_only_to_who_waits_for_it() -> None:
    work = Work()
    async with RefutingBeside(work) as beside:
        beside(tried(AFTER))
        work.answer.set_exception(SessionCrashedError("gone"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    with pytest.raises(SessionCrashedError):
        async with RefutingBeside(work) as beside:
            await beside.start()


@pytest.mark.lean
async def test_false_statement_ends_a_search_that_would_go_on(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t : ∀ n : Nat, ∃ k, 2 * k = n")  # no small value decides by computation
    steps = [f"have h{i} : {i} + 0 = {i} := by simp" for i in range(100_000)]
    record = await prove_theorem(
        theorem,
        environment=lean,
        generator=ScriptedPolicy(steps),
        budget=SearchBudget(effort=600_000, expansions=1_000_000, candidates=1_000),
        refuting=2.0,
    )
    assert record.verdict == "refuted"
    assert record.search.stop is StopReason.REFUTED
    assert record.refutation is not None
    assert record.refutation.counterexample == {"n": "1"}


STEPS = [f"have h{i} : {i} + 0 = {i} := by simp" for i in range(1_000)]


@pytest.mark.lean
async def test_small_counterexample_is_tried_when_the_search_has_taken_a_moment(lean: LeanWasmEnvironment) -> None:
    taken: list[float] = []

    def listener(event: SearchEvent) -> None:
        if isinstance(event, Tried):
            taken.append(event.outcome.effort)

    record = await prove_theorem(
        Theorem.from_text("theorem t (a b : Nat) : a - b + b = a"),
        environment=lean,
        generator=ScriptedPolicy(STEPS),
        listener=listener,
        refuting=2.0,
    )
    assert record.verdict == "refuted"
    assert sum(taken) >= ALONE
    assert sum(taken[:-BATCH]) < ALONE


@pytest.mark.lean
async def test_search_that_ends_at_once_leaves_the_small_counterexamples_to_the_long_look(
    lean: LeanWasmEnvironment,
) -> None:
    theorem = Theorem.from_text("theorem t (a b : Nat) : a - b + b = a")
    record = await prove_theorem(theorem, environment=lean, generator=ScriptedPolicy(["rfl"]), refuting=2.0)
    assert record.verdict == "refuted"


@pytest.mark.lean
async def test_negation_that_cannot_be_stated_does_not_stop_the_search(
    lean: LeanWasmEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable = Theorem.from_text(
        "axiom t : absent\n\ntheorem refutation (statement : type_of% @_root_.t) : _root_.False"
    )

    asked: list[str] = []

    async def at_once(theorem: Theorem, session: ProofSession) -> FoundRefutation:
        asked.append(theorem.body)
        return FoundRefutation(unreadable, ("exact statement",), None)

    monkeypatch.setattr("prover.proving.refute.refutation_at_once", at_once)
    theorem = Theorem.from_text("theorem t (n : Nat) : n + 0 = n")
    policy = ScriptedPolicy([*STEPS[:300], "rfl"])
    budget = SearchBudget(candidates=1_000)
    record = await prove_theorem(theorem, environment=lean, generator=policy, budget=budget, refuting=2.0)
    assert record.verdict == "proved"
    assert asked == [theorem.body]
