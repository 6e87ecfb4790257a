"""Signs of the header's own types are unfolded before anything else, with a real Lean."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Advanced, Goal
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.automation.operations import operations
from prover.policies.header import Header

VECTORS = """structure Vec where
  x : Int
  y : Int
instance : Add Vec := ⟨fun a b => ⟨a.x + b.x, a.y + b.y⟩⟩
instance scaled : HMul Int Vec Vec := ⟨fun s a => ⟨s * a.x, s * a.y⟩⟩
instance : Zero Vec := ⟨⟨0, 0⟩⟩
"""
SETS = """def Family (α : Type) := α → Prop
namespace Family
instance {α : Type} : Membership α (Family α) := ⟨fun s a => s a⟩
instance {α : Type} : Union (Family α) := ⟨fun s t a => a ∈ s ∨ a ∈ t⟩
end Family
"""
POINTS = """structure Point where
  x : Nat
  y : Nat
instance : LE Point := ⟨fun p q => p.x ≤ q.x ∧ p.y ≤ q.y⟩
"""
LEFT = [
    (
        VECTORS,
        "(a b : Vec) : a + b = b + a",
        "⊢ { x := a.x + b.x, y := a.y + b.y } = { x := b.x + a.x, y := b.y + a.y }",
    ),
    (VECTORS, "(s : Int) (a : Vec) : s * a = a", "⊢ { x := s * a.x, y := s * a.y } = a"),
    (VECTORS, "(a : Vec) : a = 0", "⊢ a = { x := 0, y := 0 }"),
    (SETS, "{α : Type} (s t : Family α) (a : α) : a ∈ s ∪ t", "⊢ s a ∨ t a"),
    (POINTS, "(p q : Point) : p ≥ q", "⊢ q.x ≤ p.x ∧ q.y ≤ p.y"),
]


@pytest.mark.parametrize(("header", "statement", "left"), LEFT, ids=[statement for _, statement, _ in LEFT])
async def test_what_the_sign_means_takes_its_place(
    lean: LeanWasmEnvironment, header: str, statement: str, left: str
) -> None:
    theorem = Theorem.from_text(f"{header}theorem t {statement}")
    async with ClosersPolicy().for_theorem(theorem) as policy, lean.open(theorem) as session:
        state = session.initial
        while (first := policy.candidates(state.goals[0])[0]).source == "operations":
            (outcome,) = await session.apply(state, [first.tactic], timeout_s=300)
            assert isinstance(outcome, Advanced)
            state = outcome.state
        assert state.goals[0].text.splitlines()[-1] == left


def test_other_instances_stay_as_they_are() -> None:
    goal = Goal("⊢ a = b", instances=("instDecidableEqVec", "instBEqVec", "instReprVec", "Vec.instLawfulBEq"))
    assert operations(goal, Header()) == ""


def test_instances_with_a_name_of_their_own_are_found_by_it() -> None:
    header = Header.of(Theorem.from_text("namespace N\ninstance plus : Add N := ⟨N.add⟩\nend N\ntheorem t : True"))
    assert operations(Goal("⊢ a + b = b + a", definitions=("N.plus",)), header) == (
        "simp only [instHAdd, N.plus] at *\ntry simp only [Add.add_eq_hAdd] at *"
    )
