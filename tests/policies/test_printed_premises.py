"""Premises for goals that are known as printed text only, from the embedded Lean's library."""

from __future__ import annotations

import pytest

from prover.core.library import Library, LibraryTheorem
from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.syntax.lean.states import goal_of
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.automation.mathlib_closers import MathlibClosersPolicy
from prover.policies.llm.prompts.reprover import marked
from prover.policies.premises import retrieval
from prover.policies.premises.printed import PrintedConstants
from prover.policies.premises.retrieval import PremiseIndex, Premises, PremiseSource


@pytest.fixture(scope="module")
async def index(lean: LeanWasmEnvironment) -> PremiseIndex:
    return PremiseIndex(await lean.library(("Init",)))


def test_words_and_signs_tell_constants() -> None:
    known = PrintedConstants(["Nat.Prime", "List.length", "Real.sin", "HAdd.hAdd", "Eq", "LE.le"])
    target, given = known.of_goal("p : ℕ\nl : List α\nhp : p.Prime\nh : l.length ≤ 3\n⊢ sin x + 1 = 1")
    assert sorted(target) == ["Eq", "HAdd.hAdd", "Real.sin"]
    assert {"Nat.Prime", "List.length", "LE.le"} <= set(given)
    assert not any("hp" in name for name in [*target, *given])


def test_word_that_many_constants_end_in_tells_nothing() -> None:
    known = PrintedConstants([f"N{i}.add" for i in range(9)] + ["Nat.succ"])
    assert list(known.of("add (succ n)")) == ["Nat.succ"]


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("α : Type\nl m : List α\n⊢ (l ++ m).reverse = m.reverse ++ l.reverse", "List.reverse_append"),
        ("a b c : Nat\nh : a ∣ b\n⊢ a ∣ b * c", "Nat.dvd_mul_right_of_dvd"),
        ("m n k : Nat\nh : Nat.gcd m n = 1\n⊢ m.Coprime n", "Nat.Coprime.gcd_eq_one"),
        ("a b : Nat\n⊢ min a b = min b a", "Nat.min_comm"),
    ],
)
def test_theorem_is_found_by_the_words_of_its_goal(index: PremiseIndex, goal: str, wanted: str) -> None:
    premises = Premises.of(index, Theorem.from_text("theorem t : True"))
    assert wanted in premises.for_goal(goal_of(goal), 16)


async def test_found_premises_are_used_by_the_closers(index: PremiseIndex) -> None:
    async def library(imports: tuple[str, ...]) -> Library:
        return index.library

    goal = goal_of("α : Type\nl m : List α\n⊢ (l ++ m).reverse = m.reverse ++ l.reverse")
    async with ClosersPolicy(PremiseSource(library)).for_theorem(Theorem.from_text("theorem t : True")) as policy:
        tactics = [candidate.tactic for candidate in policy.candidates(goal)]
    assert "exact List.reverse_append .." in tactics
    assert "rw [List.reverse_append]" in tactics
    assert any(tactic.startswith("simp [") and "List.reverse_append" in tactic for tactic in tactics)


def listed(name: str, head: str, explicit: int, type_: str) -> Library:
    theorem = LibraryTheorem(name, 0, "k", head, (0, 1), explicit, type_)
    return Library((("M", ()),), ("LE.le", "HMul.hMul"), (theorem,))


async def test_facts_are_applied_to_the_numbers_at_hand_for_nlinarith() -> None:
    async def library(imports: tuple[str, ...]) -> Library:
        return listed("two_mul_le_add_sq", "LE.le", 2, "∀ (a b : ℝ), 2 * a * b ≤ a ^ 2 + b ^ 2")

    state = goal_of("x y : ℝ\n⊢ 2 * x * y ≤ x ^ 2 + y ^ 2")
    policy = MathlibClosersPolicy(PremiseSource(library))
    async with policy.for_theorem(Theorem.from_text("theorem t : True")) as prepared:
        (proposal,) = await prepared.propose([ProofState((state,))], n=1000, seed=0)
    tactics = [candidate.tactic for candidate in proposal.candidates]
    assert "nlinarith [two_mul_le_add_sq x y, two_mul_le_add_sq y x]" in tactics


def test_premises_for_models_have_their_types_where_they_are_known() -> None:
    index = PremiseIndex(listed("mul_le", "LE.le", 0, "∀ {a b : ℕ}, a ≤ a * b"))
    (line,) = Premises.of(index, Theorem.from_text("theorem t : True")).lines_for_goal(goal_of("⊢ 1 ≤ 2 * 1"), 4)
    assert line == "mul_le : ∀ {a b : ℕ}, a ≤ a * b"
    assert "<a>mul_le</a>" in marked(line)


def test_notions_of_very_many_theorems_count_only_where_there_are_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    theorems = tuple(LibraryTheorem(f"t{i}", 0, str(i), "Eq", (0, 1) if i == 7 else (0,), 0) for i in range(20))
    index = PremiseIndex(Library((("M", ()),), ("Eq", "Real.sin"), theorems))
    premises = Premises.of(index, Theorem.from_text("theorem t : True"))
    monkeypatch.setattr(retrieval, "COMMON", 10)
    assert premises.for_goal(goal_of("⊢ Real.sin x = 0"), 5) == ["t7"]
    assert len(premises.for_goal(goal_of("⊢ x = 0"), 5)) == 5
