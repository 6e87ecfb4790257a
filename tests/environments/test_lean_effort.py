"""Effort: the same search on every machine, under every load, whatever the process has proved before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from prover.core.budget import SearchBudget
from prover.core.effort import HEARTBEATS, Limit
from prover.core.proof_state import Advanced, Closed, ProofState, TacticOutcome, TimedOut
from prover.core.record import ProofRecord, StopReason
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.session import LeanSession
from prover.policies.automation.closers import ClosersPolicy
from prover.proving.prove import prove_theorem
from prover.search.events import Expanded, Tried

pytestmark = pytest.mark.lean

TREE = """inductive Tree where
  | leaf
  | node (left right : Tree)

def Tree.size : Tree → Nat
  | leaf => 1
  | node left right => left.size + right.size

theorem size_positive (t : Tree) : 0 < t.size"""
SEARCHED = {
    "found": "theorem two_steps (p q r : Prop) (h : p ∧ q ∧ r) (k : r → ¬ p ∨ q) : q ∧ r",
    "definitions": TREE,
    "arithmetic": "theorem square (a b : Int) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b",
    "not found": "theorem wrong (a b : Nat) (f : Nat → Nat) : f (a + b) = f a + f b",
}
KERNEL = "have : ∀ a b c d : Fin 60, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel"


@contextmanager
def every_core_busy() -> Iterator[None]:
    """Have four loops for each core that never wait."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


async def search(lean: LeanWasmEnvironment, statement: str, budget: SearchBudget) -> tuple[ProofRecord, list[object]]:
    """Return the record, and all that was proposed and tried, in order, with what came of it."""
    heard: list[object] = []

    def listen(event: object) -> None:
        match event:
            case Expanded(node, candidates):
                heard.append((node.state.text, [candidate.tactic for candidate in candidates]))
            case Tried(_, candidate, outcome):
                after = outcome.state.text if isinstance(outcome, Advanced) else getattr(outcome, "message", "")
                heard.append((candidate.tactic, type(outcome).__name__, after, outcome.effort))

    record = await prove_theorem(
        Theorem.from_text(statement), environment=lean, generator=ClosersPolicy(), budget=budget, listener=listen
    )
    return record, heard


def counts(record: ProofRecord) -> dict[str, object]:
    return record.search.model_dump(exclude={"statistics": {"elapsed_s", "policy_s", "assistant_s"}})


async def test_search_is_the_same_on_an_idle_and_on_a_busy_machine(lean: LeanWasmEnvironment) -> None:
    budget = SearchBudget(effort=1.0, expansions=40)
    idle = {name: await search(lean, statement, budget) for name, statement in SEARCHED.items()}
    with every_core_busy():
        for name, statement in reversed(SEARCHED.items()):  # what was proved before differs as well
            record, heard = await search(lean, statement, budget)
            assert record.search.reproducible, name
            assert heard == idle[name][1]
            assert counts(record) == counts(idle[name][0])
            assert record.proof == idle[name][0].proof
    assert [record.proved for record, _ in idle.values()] == [True, True, True, False]


@pytest.mark.parametrize("imports", ["", "import Init\nimport Init.Data.List\n"], ids=["snapshot", "no snapshot"])
async def test_what_a_process_has_done_before_changes_nothing(lean: LeanWasmEnvironment, imports: str) -> None:
    theorem = Theorem.from_text(imports + TREE)
    tactics = ["simp [Tree.size]", "induction t <;> simp_all [Tree.size]", "exact?", "grind [Tree.size]", "cases t"]

    async def tried() -> list[tuple[TacticOutcome, float]]:
        async with lean.open(theorem) as session:
            outcomes = []
            for tactic in tactics:
                outcomes += await session.apply(session.initial, [tactic], timeout_s=300)
            return [(outcome, outcome.effort) for outcome in outcomes]

    first = await tried()
    async with lean.open(Theorem.from_text(f"{imports}theorem other (a b : Nat) (h : a ≤ b) : a < b + 1")) as session:
        for tactic in ("exact?", "omega", "induction b <;> grind", "simp [Nat.lt_succ_iff]", KERNEL):
            await session.apply(session.initial, [tactic], timeout_s=300, effort=0.3)
    assert await tried() == first
    assert all(effort > 0 for _, effort in first)


async def test_definitions_of_the_theorem_cost_what_they_take(lean: LeanWasmEnvironment) -> None:
    """Each task of Lean's once began by adding all heartbeats so far: the deeper, the more often."""
    async with lean.open(Theorem.from_text(TREE)) as session:
        (outcome,) = await session.apply(session.initial, ["induction t <;> simp_all [Tree.size]"], timeout_s=300)
    assert outcome.effort < 1


@pytest.mark.parametrize("effort", [0.05, 0.4])
async def test_kernel_runs_out_of_effort(lean: LeanWasmEnvironment, effort: float) -> None:
    """It works in tables of its own and allocates little."""
    async with lean.open(Theorem.from_text("theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q")) as session:
        slow, after = await session.apply(session.initial, [KERNEL, "constructor"], timeout_s=600, effort=effort)
    assert isinstance(slow, TimedOut)
    assert slow.limit is Limit.EFFORT
    assert effort <= slow.effort < effort + 1
    assert isinstance(after, Advanced)


async def test_the_last_check_of_a_proof_runs_out_of_effort_and_is_not_called_wrong(lean: LeanWasmEnvironment) -> None:
    async def closed(session: LeanSession, state: ProofState, effort: float) -> TacticOutcome:
        (outcome,) = await session.apply(state, ["exact of_decide_eq_true rfl"], timeout_s=600, effort=effort)
        return outcome

    async with lean.open(Theorem.from_text("theorem t : ∀ a b : Fin 12, a + b = b + a")) as session:
        enough = await closed(session, session.initial, 60)
        assert isinstance(enough, Closed)
        little = await closed(session, session.initial, enough.effort * 0.95)
    assert isinstance(little, TimedOut)
    assert little.limit is Limit.EFFORT


async def test_effort_ends_a_search_and_the_record_says_so(lean: LeanWasmEnvironment) -> None:
    record, _ = await search(lean, SEARCHED["not found"], SearchBudget(effort=0.3, expansions=10_000))
    assert (record.search.stop, record.search.limit) == (StopReason.BUDGET_SPENT, Limit.EFFORT)
    assert record.search.reproducible
    assert 0.3 <= record.search.statistics.effort < 1
    assert record.search.statistics.not_tried > 0


async def test_lean_stops_at_the_heartbeats_that_a_unit_stands_for(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text("theorem t : True")) as session:
        endless = "have : ∀ a b c : Fin 40, (a + b) + c = a + (b + c) := by decide"
        (outcome,) = await session.apply(session.initial, [endless], timeout_s=600, effort=0.25)
    assert isinstance(outcome, TimedOut)
    assert f"maximum number of heartbeats ({HEARTBEATS // 4000})" in outcome.message
