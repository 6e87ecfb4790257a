"""Functions that their types determine: Lean finds them well typed, and they are what the types say."""

from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.terms import GoalView
from prover.policies.typed_functions import typed_functions

TYPES = {
    "α × β → β × α": "fun x1 => (x1.2, x1.1)",
    "(α × β → γ) → α → β → γ": "fun x1 x2 x3 => x1 (x2, x3)",
    "(α → β) → (β → γ) → α → γ": "fun x1 x2 x3 => x2 (x1 x3)",
    "α ⊕ β → (α → γ) → (β → γ) → γ": "fun x1 => x1.elim (fun x2 x3 x4 => x3 x2) (fun x2 x3 x4 => x4 x2)",
    "((α → β) → γ) → β → γ": "fun x1 x2 => x1 (fun x3 => x2)",
    "α → β": None,
    "((α → α) → α) → α": "fun x1 => x1 (fun x2 => x2)",
}


@pytest.mark.parametrize("type_", TYPES)
async def test_functions_have_their_types(lean: LeanWasmEnvironment, type_: str) -> None:
    theorem = Theorem.from_text(f"theorem t {{α β γ : Type}} : ∃ f : {type_}, f = f")
    async with lean.open(theorem) as session:
        view = GoalView.of(session.initial.goals[0])
        found = typed_functions(view, view.target.args[0], 3)
        assert (found[0] if found else None) == TYPES[type_]
        outcomes = await session.apply(session.initial, [f"exact ⟨{text}, rfl⟩" for text in found[:1]], timeout_s=60)
        assert all(type(outcome).__name__ == "Closed" for outcome in outcomes)
