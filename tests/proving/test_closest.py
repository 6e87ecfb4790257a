"""How far a search got: unfinished proofs that Lean has read, of what is still open and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from prover.core.proof_state import Goal, ProofState
from prover.core.record import ProofRecord, StoredRecord, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OpenedTheorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment
from prover.errors import SessionCrashedError
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.scripted import ScriptedPolicy
from prover.proving.closest import closest_proofs, rank
from prover.proving.fill import fill_source
from prover.proving.prove import REFUTING, prove_theorem
from prover.search.frontier import Node

REVERSED = """\
def onto : List Nat → List Nat → List Nat
  | [], others => others
  | x :: xs, others => onto xs (x :: others)

theorem onto_onto (xs : List Nat) : onto (onto xs []) [] = xs"""


async def attempt(lean: LeanWasmEnvironment, text: str, tactics: Sequence[str], *, closest: int = 3) -> ProofRecord:
    return await prove_theorem(
        Theorem.from_text(text),
        environment=lean,
        generator=ScriptedPolicy(tactics),
        refuting=REFUTING if "False" in text else 0.0,
        closest=closest,
    )


async def test_open_case_is_shown_as_text_that_lean_reads(lean: LeanWasmEnvironment) -> None:
    record = await attempt(lean, REVERSED, ["simp", "induction xs <;> simp_all [onto]"])
    assert record.verdict == "unknown"
    first = record.closest[0]
    assert first.tactics == ("induction xs <;> simp_all [onto]",)
    assert len(first.goals) == 1
    assert first.goals[0].startswith("case cons\n")
    assert first.source == f"{REVERSED} := by\n  induction xs <;> simp_all [onto]\n  sorry\n"
    again = await lean.check_source(Theorem.from_text(first.source), against=None, timeout_s=300)
    assert not any(message.severity == "error" for message in again.messages)
    assert not again.accepted


async def test_every_open_goal_has_its_own_sorry(lean: LeanWasmEnvironment) -> None:
    record = await attempt(lean, "theorem t (p q : Prop) (h : p ↔ q) : q ↔ p", ["constructor"])
    assert record.closest[0].source.endswith(" := by\n  constructor\n  · sorry\n  · sorry\n")


async def test_unfinished_proof_is_taken_up_where_it_ends(lean: LeanWasmEnvironment) -> None:
    statement = "theorem t (p q : Prop) (h : p ∧ q) : (q ∧ p) ∧ (p ∨ q)"
    record = await attempt(lean, statement, ["constructor"])
    report = await fill_source(record.closest[0].source, environment=lean, generator=ClosersPolicy())
    assert len(report.holes) == len(record.closest[0].goals)
    assert report.complete
    proved = Theorem.from_text(report.source)
    assert (await lean.check_source(proved, against=Theorem.from_text(statement), timeout_s=300)).accepted


async def test_goal_with_a_counterexample_is_not_shown(lean: LeanWasmEnvironment) -> None:
    false_first = ["refine ⟨0, ?_, ?_⟩", "refine ⟨n + 1, ?_, ?_⟩"]
    record = await attempt(lean, "theorem t (n : Nat) : ∃ m, n < m ∧ m ≤ n + 7", false_first)
    assert [proof.tactics[0] for proof in record.closest] == ["refine ⟨n + 1, ?_, ?_⟩"]


async def test_part_with_a_counterexample_is_enough(lean: LeanWasmEnvironment) -> None:
    """That the whole is false would take longer to see: its last part is not computed."""
    prime = "theorem t (n : Nat) : ∃ p, n < p ∧ 2 ≤ p ∧ ∀ d, d ∣ p → d = 1 ∨ d = p"
    record = await attempt(lean, prime, ["exists 2", "exists n", "refine Classical.byContradiction fun no => ?_"])
    paths = [proof.tactics for proof in record.closest]
    assert paths
    assert all(path[-1].startswith("refine") for path in paths)


async def test_the_same_comes_out_again(lean: LeanWasmEnvironment) -> None:
    text, tactics = "theorem t (p q r : Prop) (h : p ↔ q) : (q ↔ p) ∧ (r → r)", ["intro", "constructor", "simp"]
    first, second = [await attempt(lean, text, tactics) for _ in range(2)]
    assert first.closest
    assert (first.closest, first.advice) == (second.closest, second.advice)


async def test_no_path_is_shown_twice(lean: LeanWasmEnvironment) -> None:
    record = await attempt(lean, "theorem t (p q r : Prop) (h : p) : p ∧ q → (r → p)", ["intro a", "clear h"])
    paths = [proof.tactics for proof in record.closest]
    assert paths
    for one in paths:
        for other in paths:
            assert one == other or one != other[: len(one)]


@pytest.mark.parametrize(
    ("statement", "tactics", "closest"),
    [
        ("theorem t (p q : Prop) (h : p ∧ q) : q ∧ p", ["constructor", "exact h.1", "exact h.2"], 3),
        ("theorem t (n : Nat) (h : n < 3) : False", ["have := h"], 3),
        ("theorem t (p q : Prop) (h : p ↔ q) : q ↔ p", ["constructor"], 0),
        ("theorem t (p q : Prop) (h : p ↔ q) : q ↔ p", ["omega"], 3),
    ],
    ids=["proved", "refuted", "not asked for", "nothing reached"],
)
async def test_nothing_is_shown(lean: LeanWasmEnvironment, statement: str, tactics: list[str], closest: int) -> None:
    assert (await attempt(lean, statement, tactics, closest=closest)).closest == ()


async def test_cancelled_search_shows_nothing(lean: LeanWasmEnvironment) -> None:
    cancel = asyncio.Event()
    record = await prove_theorem(
        Theorem.from_text("theorem t (p q : Prop) (h : p ↔ q) : q ↔ p"),
        environment=lean,
        generator=ScriptedPolicy(["constructor"]),
        closest=3,
        listener=lambda _: cancel.set(),
        cancel=cancel,
    )
    assert (record.closest, record.advice) == ((), None)


AND = Theorem.from_text("theorem t (p q : Prop) (h : p ∧ q) : q ∧ p")
OPENED = OpenedTheorem("t", AND.source, "")


def node(*tactics: str, goals: Sequence[str] = ("p q : Prop\nh : p ∧ q\n⊢ q ∧ p",)) -> Node:
    return Node(ProofState(tuple(map(Goal, goals))), tactics)


@pytest.mark.parametrize(
    "tactics",
    [("exact nonsense",), ("constructor", "exact h"), ("sorry\ntheorem other : 1 = 1 := rfl",), ("exact ⟨h.2, h.1⟩",)],
    ids=["error", "wrong later", "further commands", "nothing open"],
)
async def test_what_lean_objects_to_is_not_shown(lean: LeanWasmEnvironment, tactics: tuple[str, ...]) -> None:
    shown = await closest_proofs([node(*tactics), node("skip")], AND, OPENED, lean)
    assert [proof.tactics for proof in shown] == [("skip",)]


async def test_few_checks_are_made(lean: LeanWasmEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[Sequence[str]] = []

    async def check(theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        checked.append(tactics)
        return Verification(accepted=False, environment="", reason="no")

    monkeypatch.setattr(lean, "check", check)
    nodes = [node(f"exact h{number}") for number in range(50)]
    assert await closest_proofs(nodes, AND, OPENED, lean, most=1) == ()
    assert len(checked) == 3


async def test_machine_that_fails_here_costs_nothing_else(
    lean: LeanWasmEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        raise SessionCrashedError("out of memory")

    monkeypatch.setattr(lean, "check", check)
    assert await closest_proofs([node("skip")], AND, OPENED, lean) == ()


async def test_environment_that_checks_no_texts_with_sorry_is_not_asked() -> None:
    record = await prove_theorem(
        Theorem.from_text("theorem t : 1 to 9"),
        environment=ToyEnvironment(),
        generator=ScriptedPolicy(["add 1"]),
        closest=3,
    )
    assert record.search.statistics.advanced
    assert record.closest == ()


def test_few_and_small_goals_come_first_and_cases_before_what_is_only_put_in_other_words() -> None:
    ranked = [
        node("a", goals=["case succ\nn : Nat\nh : n + 0 = n\n⊢ n + 1 + 0 = n + 1"]),
        node("b", goals=["⊢ p"]),
        node("c", goals=["⊢ a long goal"]),
        node("d", goals=["⊢ ?m < p"]),
        node("e", goals=["case left\n⊢ p", "case right\n⊢ q"]),
        node("f", goals=["case left\n⊢ p and more", "case right\n⊢ q"]),
    ]
    assert sorted(ranked, key=rank) == ranked
    assert rank(node("g", goals=["⊢ xs[i]? = none"]))[2] == 0


def test_record_of_an_older_version_is_read() -> None:
    reading = TypeAdapter(StoredRecord)
    record = ProofRecord.model_validate(
        {
            **dict.fromkeys(("prover_version", "name", "statement", "digest", "environment", "policy"), "x"),
            "budget": {},
            "search": {"stop": "exhausted"},
        }
    )
    kept = record.model_dump(mode="json")
    assert reading.validate_python(kept) == record
    del kept["closest"], kept["advice"]
    assert reading.validate_python(kept) == record
