"""Properties of functions, relations and sets: what is unfolded before all else, one step at a time."""

from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import CLEAR, ClosersPolicy
from prover.policies.automation.vocabulary import words_of
from prover.policies.header import Header

HEADER = """\
def Injective {α β : Type} (f : α → β) : Prop := ∀ x y, f x = f y → x = y
def image {α β : Type} (f : α → β) (S : α → Prop) : β → Prop := fun y => ∃ x, S x ∧ f x = y
def All {α : Type} (p : α → Prop) : List α → Prop
  | [] => True
  | x :: xs => p x ∧ All p xs
def Prime (p : Nat) : Prop := 2 ≤ p ∧ ∀ d, d ∣ p → d = 1 ∨ d = p
structure Order {α : Type} (le : α → α → Prop) : Prop where
  refl : ∀ x, le x x
  antisymm : ∀ x y, le x y → le y x → x = y
"""
OPENED = """\
rcases h with ⟨refl, antisymm⟩
try dsimp only at refl antisymm ⊢
try simp only [Injective, image, All, Prime] at refl antisymm ⊢"""


def test_words_are_about_functions_and_recurse_on_nothing() -> None:
    assert words_of(Header.of(Theorem.from_text(f"{HEADER}\ntheorem t : 1 = 1"))) == ["Injective", "image"]


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        ("{α β : Type} (f : α → β) : Injective f", "simp +unfoldPartialApp only [Injective, image] at *"),
        ("{α : Type} (A B : α → Prop) : A = B", "funext x"),
        ("{α : Type} (p q : α → Prop) (a : α) : (p a) = (q a)", "refine propext ?_"),
        ("{α : Type} (le : α → α → Prop) (h : Order le) (x : α) : le x x", OPENED),
        ("{α : Type} (p : α → Prop) (h : ∃ x, p x) : ∀ y, p y", "intro y"),  # and the existential hypothesis after that
        ("{α : Type} (le : α → α → Prop) : Order le", "constructor <;> try dsimp only"),
    ],
)
async def test_one_step_comes_first(lean: LeanWasmEnvironment, statement: str, step: str) -> None:
    theorem = Theorem.from_text(f"{HEADER}\ntheorem t {statement}")
    async with ClosersPolicy().for_theorem(theorem) as policy, lean.open(theorem) as session:
        candidates = policy.candidates(session.initial.goals[0])
        assert [candidate.tactic for candidate in candidates if candidate.logprob > CLEAR] == [step]
