"""Theorems whose hypotheses contradict each other are said to say nothing; all others are not."""

from __future__ import annotations

import pytest

from prover.core.record import Contradiction, StopReason
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.contradiction import find_contradiction
from prover.proving.prove import REFUTING, prove_theorem

pytestmark = pytest.mark.lean

VACUOUS = {
    "bounds": "theorem t (n : Nat) (h : n < 3) (k : 5 < n) : n = 17",
    "a hypothesis in the conclusion": "theorem t : ∀ x : Int, x < x → x = 1",
    "equations": "theorem t (a b : Int) (h : a + b = 3) (k : a + b = 4) : a * b = 2",
    "propositions": "theorem t (p q : Prop) (h : p ∧ ¬ p) : q",
    "a value of an empty type": "theorem t (x : Fin 0) : x.val = 5",
    "a finite type": "theorem t (x : Fin 5) (h : x * x = 2) : x = 0",
    "a predicate": "theorem t (P : Nat → Prop) (h : ∀ n, ¬ P n) (k : P 3) : P 4",
    "a negation": "theorem t (n : Nat) (h : n < 0) : ¬ n = 0",
}
NOT_VACUOUS = {
    "no hypothesis": "theorem t (a b : Nat) : a + b = b + a",
    "nothing at all": "theorem t : 2 + 2 = 4",
    "hypotheses that few values meet": "theorem t (n : Nat) (h : 100 < n) (k : n < 102) : n = 101",
    "a hypothesis that nothing can be": "theorem t (n : Nat) : n < 0 → False",
    "a hypothesis that is false by another name": "theorem t (n : Nat) (h : n < 0) : False",
    "a negated conclusion": "theorem t (n : Nat) : ¬ n < 0",
    "propositions": "theorem t (p q : Prop) (h : p → q) (k : ¬ q) : ¬ p",
    "a type": "theorem t (α : Type) (x y : α) (h : x = y) : y = x",
    "a relation": "theorem t (r : Nat → Nat → Prop) (h : ∀ x y, r x y → r y x) (k : r 0 1) : r 1 0",
    "an instance": "theorem t {α : Type} [Inhabited α] : Nonempty α",
    "an axiom that is false": "axiom bad : False\ntheorem t (n : Nat) (h : n = 1) : n + 0 = 1",
    "another False": 'notation "False" => True\ntheorem t (n : Nat) (h : n = 1) : n + 0 = 1',
    "another have": "macro_rules | `(tactic| exfalso) => `(tactic| skip)\ntheorem t (n : Nat) (h : n = 1) : 1 = n",
}


@pytest.mark.parametrize("what", VACUOUS)
async def test_contradictory_hypotheses_are_said(lean: LeanWasmEnvironment, what: str) -> None:
    found = await find_contradiction(Theorem.from_text(VACUOUS[what]), lean, verify_timeout_s=300)
    assert found is not None
    assert found.verification.accepted
    assert "False" in (found.verification.source or "")
    assert "contradictory" in found.in_words


@pytest.mark.parametrize("what", NOT_VACUOUS)
async def test_other_theorems_are_not_called_vacuous(lean: LeanWasmEnvironment, what: str) -> None:
    assert await find_contradiction(Theorem.from_text(NOT_VACUOUS[what]), lean, verify_timeout_s=300) is None


@pytest.mark.parametrize(("refuting", "said"), [(REFUTING, True), (0.0, False)])
async def test_record_of_a_proof_says_so(lean: LeanWasmEnvironment, refuting: float, said: bool) -> None:
    record = await prove_theorem(
        Theorem.from_text(VACUOUS["bounds"]), environment=lean, generator=ScriptedPolicy(["omega"]), refuting=refuting
    )
    assert record.verdict == "proved"
    assert record.search.stop is StopReason.FOUND
    assert (record.contradiction is not None) is said


async def test_only_an_accepted_proof_makes_one(lean: LeanWasmEnvironment) -> None:
    found = await find_contradiction(Theorem.from_text(VACUOUS["bounds"]), lean, verify_timeout_s=300)
    assert found is not None
    rejected = found.verification.model_copy(update={"accepted": False, "reason": "no"})
    with pytest.raises(ValueError, match="contradiction"):
        Contradiction(tactics=found.tactics, verification=rejected)
