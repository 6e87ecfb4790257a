"""`x ^ 2 - y ^ 2 = c`: both factors divide c, so there are finitely many cases."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

LARGEST = 60


def square_differences(view: GoalView) -> Iterator[Weighted]:
    """Integer equations between two squares and a number."""
    for fact in view.facts:
        match fact.term:
            case Term("=", (left, right), type="Int") if accessible(fact.name):
                try:
                    found = _squares(polynomial(left) - polynomial(right))
                except ValueError:
                    continue
                if found:
                    yield _tactic(*found), 0.10


def _squares(difference: Polynomial) -> tuple[str, str, int] | None:
    """Return x, y and a positive c for `x ^ 2 - y ^ 2 = c`."""
    constant = difference.terms.get((), Fraction(0))
    if constant > 0:
        difference = -difference
    squares = {coefficient: monomial for monomial, coefficient in difference.terms.items() if monomial}
    if len(difference.terms) != 3 or set(squares) != {Fraction(1), Fraction(-1)} or not 0 < abs(constant) <= LARGEST:
        return None
    match squares[Fraction(1)], squares[Fraction(-1)]:
        case (x, same_x), (y, same_y) if x == same_x and y == same_y:
            return x, y, int(abs(constant))
        case _:
            return None


def _tactic(x: str, y: str, constant: int) -> str:
    cases = [value for d in range(1, constant + 1) if constant % d == 0 for value in (d, -d)]
    nothing = [value for value in range(-constant, constant + 1) if value not in cases]
    listed = " ∨ ".join(f"{x} - {y} = {value}" for value in [*cases, *nothing])
    pattern = " | ".join(["case_of"] * (len(cases) + len(nothing)))
    return f"""\
have product : ({x} - {y}) * ({x} + {y}) = {constant} := by grind
have divides : {x} - {y} ∣ {constant} := ⟨{x} + {y}, product.symm⟩
have above := Int.le_of_dvd (by decide) divides
have below := Int.le_of_dvd (by decide) (Int.neg_dvd.mpr divides)
rcases (by omega : {listed}) with {pattern} <;> rw [case_of] at product <;> omega"""
