"""Inequalities between powers of rational numbers, by induction: Bernoulli, `1 ≤ x ^ n`, `a ^ n ≤ b ^ n`.

The hypothesis is multiplied by each base, which is not negative; with the products of the exponent and squares, and of
powers and the difference of the bases, the step is linear in what each power is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Weighted, distinct
from prover.policies.texts import accessible, written

MOST_BASES = 2
SQUARES = """\
have squares : ∀ x : Rat, 0 ≤ x * x := by
  intro x
  rcases Rat.le_total (a := 0) (b := x) with h | h
  · exact Rat.mul_nonneg h h
  · have := Rat.mul_nonneg (by grind : 0 ≤ -x) (by grind : 0 ≤ -x)
    grind"""
POWERS = """\
have powers_{i} : ∀ k : Nat, 0 ≤ {base} ^ k := by
  intro k
  induction k with
  | zero => grind
  | succ k ih =>
    rw [Rat.pow_succ]
    exact Rat.mul_nonneg ih (by grind)"""


def rational_powers(view: GoalView) -> Iterator[Weighted]:
    """Induction on the exponent of the powers in the goal."""
    if view.target.head != "≤" or view.target.type != "Rat":
        return
    powers = [part for part in view.target if part.head == "^" and part.type == "Rat" and part.args[1].variables]
    exponents = {name for power in powers for name in power.args[1].variables}
    if len(exponents) != 1 or not powers:
        return
    (n,) = exponents
    if view.numbers.get(n) == "Nat" and accessible(n):
        with suppress(ValueError):
            written_bases = [written(view, base) for base in distinct(power.args[0] for power in powers)]
            bases = [f"({text} : Rat)" if text.isdigit() else text for text in written_bases]
            names = sorted({name for power in powers for name in power.args[0].variables})
            if len(bases) <= MOST_BASES:
                yield _by_induction(n, bases, names), 0.25


def _by_induction(n: str, bases: list[str], names: list[str]) -> str:
    before = [SQUARES, *(POWERS.format(i=i, base=base) for i, base in enumerate(bases))]
    step = [
        f"have next : (({n} + 1 : Nat) : Rat) = {n} + 1 := by grind",
        f"have natural : (0 : Rat) ≤ {n} := Rat.natCast_nonneg",
        *(f"have := powers_{i} {n}" for i in range(len(bases))),
        *(f"have := Rat.mul_le_mul_of_nonneg_right ih (by grind : 0 ≤ {base})" for base in bases),
        *(f"have := Rat.mul_nonneg natural (squares {name})" for name in names),
    ]
    if len(bases) > 1:
        a, b = bases
        step.append(f"try have := Rat.mul_nonneg (powers_0 {n}) (by grind : 0 ≤ {b} - {a})")
        step.append(f"try have := Rat.mul_nonneg (powers_1 {n}) (by grind : 0 ≤ {b} - {a})")
    step.append(f"clear squares {' '.join(f'powers_{i}' for i in range(len(bases)))}")
    step.append("simp only [Rat.pow_succ, next] at *")
    step += [f"generalize {base} ^ {n} = p_{i} at *" for i, base in enumerate(bases)]
    step += [f"try generalize ({n} : Rat) = m at *", "grind"]
    return "\n".join(
        [*before, f"induction {n} with", "| zero => grind", f"| succ {n} ih =>", *("  " + s for s in step)]
    )
