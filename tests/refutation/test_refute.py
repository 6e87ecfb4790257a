"""False statements are refuted, with a verified proof; true ones never."""

from __future__ import annotations

import pytest

from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import REFUTING, prove_theorem
from prover.proving.refute import refute
from prover.proving.verify import verify
from prover.refutation.negation import negated

pytestmark = pytest.mark.lean

FALSE = {
    "numbers": ("theorem t (a b : Nat) : a - b + b = a", {"a": "0", "b": "1"}),
    "a hypothesis": ("theorem t (n : Nat) (h : n > 2) : n % 2 = 1", {"n": "4"}),
    "a hypothesis without a name": ("theorem t (p q : Prop) : p ∨ q → p ∧ q", {"p": "True", "q": "False"}),
    "a quantifier in the conclusion": ("theorem t : ∀ n : Nat, ∃ k, 2 * k = n", {"n": "1"}),
    "a number that is not small": ("theorem t (n : Nat) (h : n > 100) : n % 7 ≠ 3", {"n": "101"}),
    "no variable": ("theorem t : (2 : Nat) + 2 = 5", {}),
    "a rational number": ("theorem t (x : Rat) : x ≤ x * x", {"x": "(1 / 2)"}),
    "a type": ("theorem t (α : Type) (x y : α) : x = y", {"α": "Bool", "x": "false", "y": "true"}),
    "an example": ("example (b c : Bool) : (b && c) = (b || c)", {"b": "false", "c": "true"}),
    "a function": ("theorem t (f : Nat → Nat) : f 0 = 0", {"f": "(fun _ => 1)"}),
    "an attribute": ("@[simp] theorem t (n : Nat) : n = 0", {"n": "1"}),
    "a namespace": ("namespace A\ntheorem t (n : Nat) : n = 0 := by sorry\nend A", {"n": "1"}),
    "a variable of the header": ("variable (n : Nat)\ntheorem t : n = 0", {"n": "1"}),
    "a name that is open": ("def B.t := 1\nopen B\ntheorem t (n : Nat) : n = 0", {"n": "1"}),
    "all universes": ("universe u\ntheorem t {α : Type u} (x : α) : [x].length = 0", {"α": "Bool", "x": "false"}),
    "a type of one's own": (
        "inductive Colour | red | green | blue deriving DecidableEq\ntheorem t (c : Colour) : c ≠ .blue",
        {"c": ".blue"},
    ),
}
TRUE = {
    "numbers": "theorem t (a b : Nat) : a + b = b + a",
    "nothing to speak of": "variable (i : Fin 0)\ntheorem t : i.val = 5",
    "contradictory hypotheses": "theorem t (n : Nat) (h : n < 0) : n = 1",
    "an axiom that is false": "axiom bad : False\ntheorem t (n : Nat) : n + 0 = n",
    "an instance": "theorem t {α : Type} [Inhabited α] : Nonempty α",
    "another False": 'notation "False" => True\ntheorem t (n : Nat) : n + 0 = n',
    "a variable that is included": "variable (i : Fin 0)\ninclude i\ntheorem t (n : Nat) : n + 0 = n",
    "another type_of": "macro_rules | `(type_of% $x) => `(∀ n : Nat, n = 0)\ntheorem t (n : Nat) : n + 0 = n",
    "a name that is open": "theorem B.t (n : Nat) : n + 0 = n := rfl\nopen B\ntheorem t (n : Nat) : n + 0 = n",
}


@pytest.mark.parametrize("what", FALSE)
async def test_false_statement_is_refuted(lean: LeanWasmEnvironment, what: str) -> None:
    statement, values = FALSE[what]
    found = await refute(Theorem.from_text(statement), lean)
    assert found is not None
    assert found.counterexample == values
    assert found.verification.accepted
    assert set(found.verification.axioms) <= {"propext", "Classical.choice", "Quot.sound"}


@pytest.mark.parametrize("what", TRUE)
async def test_true_statement_is_not(lean: LeanWasmEnvironment, what: str) -> None:
    assert await refute(Theorem.from_text(TRUE[what]), lean, effort=1) is None


@pytest.mark.parametrize(
    ("statement", "tactic"),
    [
        ("theorem t (n : Nat) : n + 0 = n", "exact absurd (t 0) (by decide)"),
        ("theorem t (n : Nat) : n = 0", "exact absurd (t 1) (by decide)"),  # rests on the statement itself
        ("axiom bad : False\ntheorem t (n : Nat) : n + 0 = n", "exact bad.elim"),
    ],
)
async def test_what_does_not_refute_is_not_accepted(lean: LeanWasmEnvironment, statement: str, tactic: str) -> None:
    verification = await verify(negated(Theorem.from_text(statement)), [tactic], lean, timeout_s=300)
    assert not verification.accepted


async def test_effort_bounds_the_search(lean: LeanWasmEnvironment) -> None:
    statement = Theorem.from_text("theorem t (n : Nat) : n < 11")
    assert await refute(statement, lean, effort=1e-6) is None
    assert await refute(statement, lean) is not None


@pytest.mark.parametrize(
    ("statement", "refuting", "verdict"),
    [
        ("theorem t (n : Nat) : n + 1 = n", REFUTING, "refuted"),
        ("theorem t (n : Nat) : n + 1 = n", 0.0, "unknown"),  # only the axiom proves it
        ("theorem t (n : Nat) : n + 0 = n", REFUTING, "proved"),
    ],
)
async def test_header_from_which_everything_follows_decides_nothing(
    lean: LeanWasmEnvironment, statement: str, refuting: float, verdict: str
) -> None:
    planted = Theorem.from_text(f"axiom planted : False\n{statement}")
    generator = ScriptedPolicy(["exact planted.elim", "rfl"])
    record = await prove_theorem(planted, environment=lean, generator=generator, refuting=refuting)
    assert record.verdict == verdict
    verification = await verify(planted, ["exact planted.elim"], lean, timeout_s=300)
    assert not verification.accepted
    assert "planted" in (verification.reason or "")  # it is said what the proof would rest on


async def test_both_proved_and_refuted_is_an_alarm(lean: LeanWasmEnvironment) -> None:
    found = await refute(Theorem.from_text("theorem t : (2 : Nat) + 2 = 5"), lean)
    record = await prove_theorem(
        Theorem.from_text("theorem t : (2 : Nat) + 2 = 4"), environment=lean, generator=ScriptedPolicy(["rfl"])
    )
    assert found is not None
    assert record.proved
    both = {name: getattr(record, name) for name in ProofRecord.model_fields} | {"refutation": found}
    with pytest.raises(ValueError, match="both proved and refuted"):
        ProofRecord(**both)
