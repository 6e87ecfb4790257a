"""Proofs that Lean has accepted, made shorter and verified again."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import TypeAdapter

from prover.core.budget import SearchBudget
from prover.core.proof_state import Closed
from prover.core.record import ProofRecord, StoredRecord, Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.proving.shortening.answers import searches
from prover.proving.shortening.shorten import EFFORT, LEAST_EFFORT, effort_for, shortened
from prover.proving.shortening.trials import KnownOutcomes
from tests.proving.shortening.facts import FactsSession

SIGNS = "\n".join(f"try have s{n} := Int.mul_nonneg (a := {x}) (b := {y}) (by omega) (by omega)"
                  for n, (x, y) in enumerate([("a", "a"), ("a", "b"), ("b", "b"), ("a - b", "b")]))  # fmt: skip
CASES = [
    # steps that do nothing, and a closer that does it alone
    ("(a b : Int) : (a + b) ^ 2 = a ^ 2 + 2 * a * b + b ^ 2", f"{SIGNS}\ngrind", "  grind"),
    # premises, and the tails of a chain
    ("(f : Nat → Nat) (h : ∀ x, f x = 0) (k : f 1 = 1) : False",
     "simp_all [Nat.add_comm, Nat.mul_comm] <;> grind", "  simp_all"),
    # an answer in place of the search
    ("{α β : Type} (r : α → β → Prop) (h : ∀ x, ∃ y, r x y) : ∃ f : α → β, ∀ x, r x (f x)",
     "exact?", "  exact Classical.skolem.mp h"),
]  # fmt: skip


async def proved(lean: LeanWasmEnvironment, statement: str, *tactics: str, shortening: float = EFFORT) -> ProofRecord:
    theorem = Theorem.from_text(f"theorem t {statement}")
    policy = ScriptedPolicy(tactics, name="these")
    budget = SearchBudget(tactic_effort=10)
    return await prove_theorem(theorem, environment=lean, generator=policy, budget=budget, shortening=shortening)


@pytest.mark.parametrize(("statement", "tactic", "kept"), CASES)
async def test_proof_is_verified_as_it_is_shown_and_the_longer_one_is_kept(
    lean: LeanWasmEnvironment, statement: str, tactic: str, kept: str
) -> None:
    record = await proved(lean, statement, tactic)
    assert record.verification
    assert record.verification.accepted
    assert record.proof == f"theorem t {statement} := by\n{kept}\n"
    assert "\n".join(record.proof_tactics) == kept.strip()
    assert not searches(record.proof)
    shortening = record.shortening
    assert shortening
    assert shortening.longer
    assert record.search.tactics
    assert record.search.tactics[0] in shortening.longer.replace("\n  ", "\n")
    assert shortening.effort <= effort_for(record.search.statistics.effort)
    again = TypeAdapter(StoredRecord).validate_json(record.model_dump_json())
    assert again == record


async def test_several_goals_have_bullets_and_long_lines_are_broken(lean: LeanWasmEnvironment) -> None:
    weak = (
        "Nat.lt_of_le_of_lt (Nat.le_refl _) (Nat.lt_of_lt_of_le (Nat.lt_of_le_of_lt (Nat.le_refl _) h) (Nat.le_refl _))"
    )
    statement = "(p : Nat → Prop) (a b : Nat) (h : a < b) (k : ∀ n, n < b → p n) : p a ∧ a < b"
    record = await proved(lean, statement, "refine ⟨k a ?_, ?_⟩", f"exact {weak}", shortening=1e-6)
    assert record.proof
    _, *lines = record.proof.strip().split("\n")
    assert max(map(len, lines)) <= 100
    assert [line[2:3] for line in lines] == ["r", "·", " ", "·", " "]
    assert record.shortening
    assert record.shortening.longer != record.proof


async def test_same_proof_comes_out_again_for_the_same_effort(lean: LeanWasmEnvironment) -> None:
    statement = "{α : Type} (f : α → α → α) (z w : α) (l : ∀ x, f z x = z) (r : ∀ x, f x w = w) : z = w"
    tactic = "have a := l w\nhave b := l z\nhave c := r w\nhave d := r z\nsimp_all"
    first, second = [await proved(lean, statement, tactic) for _ in range(2)]
    assert first.shortening
    assert second.shortening
    assert first.proof == second.proof
    assert first.shortening.effort == second.shortening.effort
    assert len(first.proof_tactics) < 5


async def test_nothing_is_spent_where_nobody_asks_for_it(lean: LeanWasmEnvironment) -> None:
    record = await proved(lean, "(p : Prop) (h : p) : p", "have k := h\nexact k", shortening=0.0)
    assert record.proved
    assert record.shortening is None
    assert record.proof_tactics == record.search.tactics == ("have k := h\nexact k",)


async def test_other_assistants_keep_what_was_found() -> None:
    theorem = Theorem.from_text("theorem t : 0 to 2")
    record = await prove_theorem(
        theorem, environment=ToyEnvironment(), generator=ScriptedPolicy(["add 0", "add 1", "done"])
    )
    assert record.proved
    assert record.shortening is None


ACCEPTED = Verification(accepted=True, environment="facts", source="the longer text")


async def in_facts(
    session: FactsSession, verdict: Verification, *, cancel: asyncio.Event | None = None
) -> tuple[Verification, tuple[str, ...], list[tuple[str, ...]]]:
    """Return the verification that stands, its tactics, and what was verified."""
    asked: list[tuple[str, ...]] = []

    async def verify(tactics: tuple[str, ...]) -> Verification:
        asked.append(tactics)
        return verdict

    known = KnownOutcomes()
    known.add(session.initial, "have a\nhave c\nuse one [a]", Closed(effort=0.1))
    found = ("have a", "have c", "use one [a]")
    verification, shortening = await shortened(
        found, ACCEPTED, verify, session, known, effort=1.0, timeout_s=1.0, cancel=cancel
    )
    assert (shortening.longer is None) == (verification is ACCEPTED)
    return verification, shortening.tactics, asked


async def test_shorter_proof_that_is_refused_leaves_the_longer_one() -> None:
    refusal = Verification(accepted=False, environment="facts", reason="no")
    verification, tactics, asked = await in_facts(FactsSession("one"), refusal)
    assert verification is ACCEPTED
    assert tactics == ("have a", "have c", "use one [a]")
    assert asked == [("have a", "use one [a]")]


async def test_assistant_that_is_lost_meanwhile_leaves_the_longer_proof() -> None:
    shorter = Verification(accepted=True, environment="facts", source="the shorter text")
    verification, tactics, asked = await in_facts(FactsSession("one", crashes="simp"), shorter)
    assert verification is ACCEPTED
    assert len(tactics) == 3
    assert not asked


async def test_work_that_is_cancelled_leaves_the_longer_proof() -> None:
    cancel = asyncio.Event()
    cancel.set()
    shorter = Verification(accepted=True, environment="facts", source="the shorter text")
    verification, *_ = await in_facts(FactsSession("one", hangs="simp"), shorter, cancel=cancel)
    assert verification is ACCEPTED


def test_effort_is_that_of_the_search_within_bounds() -> None:
    assert effort_for(0.0) == LEAST_EFFORT
    assert effort_for(1.5) == 1.5
    assert effort_for(60.0) == EFFORT == 2.0
    assert effort_for(60.0, 0.25) == effort_for(0.0, 0.25) == 0.25


async def test_shorter_proof_does_not_cost_an_axiom(lean: LeanWasmEnvironment) -> None:
    statement = "(a b c : Int) (h : a < b) (h' : b < c) (h'' : c < a + 3) : b = a + 1 ∧ c = a + 2"
    record = await proved(lean, statement, "grind")  # omega does it as well, with Classical.choice
    assert record.verification
    assert record.verification.axioms == ()
    assert record.proof_tactics == ("grind",)
