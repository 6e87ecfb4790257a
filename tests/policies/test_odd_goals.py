"""Goals of unusual shape: a method that raises would end the search, and a tactic that cannot be read is wasted."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.terms import Term, read, show

CONFLUENT = """inductive Many {A : Type} (r : A → A → Prop) : A → A → Prop
  | stay (x : A) : Many r x x
  | step {x y z : A} : r x y → Many r y z → Many r x z
def Nice (r : Nat → Nat → Prop) : Prop := ∀ x, r x x
theorem t (r : Nat → Nat → Prop) (ends : WellFounded r) (h : Nice r)
    (locally : ∀ x y z, r x y → r x z → ∃ w, Many r y w ∧ Many r z w) : ∃ w, Many r w 0"""
EVEN = """inductive Even : Nat → Prop
  | zero : Even 0
  | step {n : Nat} : Even n → Even (n + 2)
theorem t (n : Nat) (h : Even n) : n = 0 ∨ 2 ≤ n"""
OWN_SETS = """def Family (A : Type) := A → Prop
instance {A : Type} : Membership A (Family A) := ⟨fun s a => s a⟩
theorem t {A : Type} (S T : Family A) (h : ∀ a, a ∈ S ↔ a ∈ T) : S = T"""
ODD = {
    "a cast alone": "theorem t (l : List Nat) (h : l = []) : List.map Int.ofNat l = []",
    "not alone": "theorem t (f : (Prop → Prop) → Prop) (h : f Not) : f Not",
    "and alone": "theorem t (f : (Prop → Prop → Prop) → Prop) (h : f And) : ¬ ¬ f And",
    "a relation without elements": CONFLUENT,
    "no predicate to reach": EVEN,
    "a type that is a function": OWN_SETS,
}


@pytest.mark.parametrize("statement", ODD.values(), ids=list(ODD))
async def test_no_method_raises(lean: LeanWasmEnvironment, statement: str) -> None:
    theorem = Theorem.from_text(statement)
    async with ClosersPolicy().for_theorem(theorem) as policy, lean.open(theorem) as session:
        candidates = policy.candidates(session.initial.goals[0])
    assert candidates
    assert not [candidate.tactic for candidate in candidates if "first | )" in candidate.tactic]


@pytest.mark.parametrize("name", ["Int.ofNat", "Not", "And"])
def test_a_function_without_its_arguments_is_read_as_it_is(name: str) -> None:
    assert read([name]) == Term(name)
    assert show(read([name])) == name


async def test_a_type_with_one_more_element_is_numbered(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t : ∃ f : Unit ⊕ Nat → Nat, (∀ x y, f x = f y → x = y) ∧ ∀ n, ∃ x, f x = n")
    async with ClosersPolicy().for_theorem(theorem) as policy, lean.open(theorem) as session:
        candidates = policy.candidates(session.initial.goals[0])
        tactics = [candidate.tactic for candidate in candidates if candidate.source == "bijections"]
        outcomes = await session.apply(session.initial, tactics, timeout_s=300)
        closing = [tactic for tactic, outcome in zip(tactics, outcomes, strict=False) if isinstance(outcome, Closed)]
    assert closing
    assert (await lean.check(theorem, closing[:1], timeout_s=300)).accepted
