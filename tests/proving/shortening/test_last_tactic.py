from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem


@pytest.mark.parametrize(
    ("statement", "tactic", "kept"),
    [
        ("(p : Prop) (h : p) : p", "simp_all <;> omega", "simp_all"),
        ("(p q : Prop) (h : p ∧ q) : q ∧ p", "constructor <;> simp_all <;> omega", "constructor <;> simp_all"),
        ("(p q : Prop) (h : p ∧ q) : q ∧ p", "constructor <;> simp_all", "constructor <;> simp_all"),
        ("(p : Prop) (h : p) : p ∧ p", "(constructor <;> simp_all)", "(constructor <;> simp_all)"),
    ],
)
async def test_what_is_tried_in_vain_behind_the_last_tactic_is_left_out(
    lean: LeanWasmEnvironment, statement: str, tactic: str, kept: str
) -> None:
    theorem = Theorem.from_text(f"theorem t {statement}")
    record = await prove_theorem(theorem, environment=lean, generator=ScriptedPolicy([tactic], name="one"))
    assert record.proved
    assert record.search.tactics == (kept,)
