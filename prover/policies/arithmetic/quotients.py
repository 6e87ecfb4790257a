"""Two witnesses at once: quotient and remainder by their law, and what Euclid's algorithm gives.

`∃ q r, a = b * q + r ∧ r < b`, `∃ x y, 12 * x + 35 * y = n`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import written

LARGEST_DIVISOR = 60
QUOTIENT_LAWS = {
    "Nat": ("Nat.div_add_mod {a} {b}", "Nat.mod_lt {a} (by omega : {b} > 0)"),
    "Int": (
        "Int.mul_ediv_add_emod {a} {b}",
        "Int.emod_nonneg {a} (by omega : {b} ≠ 0)",
        "Int.emod_lt_of_pos {a} (by omega : 0 < {b})",
    ),
}


def quotients(view: GoalView, name: str, body: Term) -> Iterator[Weighted]:
    """`∃ q r, a = b * q + r ∧ …`: what division gives."""
    match body:
        case Term("∃", (Term("Nat" | "Int" as kind), inner), name=second):
            for part in inner.joined_by("∧", "∨"):
                for divisor, dividend in _divisions(part, name, second):
                    try:
                        a, b = written(view, dividend), written(view, divisor)
                    except ValueError:
                        continue
                    laws = [f"have := {law.format(a=a, b=b)}" for law in QUOTIENT_LAWS[kind]]
                    for witness in (f"{a} / {b}, {a} % {b}", f"{a} % {b}, {a} / {b}"):
                        yield "\n".join([*laws, f"exact ⟨{witness}, by grind⟩"]), 0.15
                    if divisor.number is not None and 1 < divisor.number <= LARGEST_DIVISOR:
                        rounded = [f"({a} + {shift}) / {b}" for shift in range(divisor.number)]
                        ways = [f"exact ⟨{q}, {a} - {b} * ({q}), by omega⟩" for q in rounded]
                        yield "first | " + " | ".join(ways), 0.05


def combinations(first: str, body: Term) -> Iterator[Weighted]:
    """`∃ x y, 12 * x + 35 * y = n`: multiples of what Euclid's algorithm gives."""
    match body:
        case Term("∃", (Term("Int"), Term("=", (left, right))), name=second):
            try:
                difference = polynomial(left) - polynomial(right)
            except ValueError:
                return
            rest = -Polynomial({m: c for m, c in difference.terms.items() if m not in {(first,), (second,)}})
            a, b = (int(difference.terms.get((name,), 0)) for name in (first, second))
            if not a or not b or any({first, second} & set(monomial) for monomial in rest.terms):
                return
            divisor, x, y = _euclid(a, b)
            share = rest.divided_by((), Fraction(divisor))
            if share is not None:
                values = [(share * Polynomial.constant(factor)).text for factor in (x, y)]
                yield f"exact ⟨{values[0]}, {values[1]}, by omega⟩", 0.20
                yield f"exact ⟨{values[0]}, {values[1]}, by grind⟩", 0.05


def _euclid(a: int, b: int) -> tuple[int, int, int]:
    """Return g, x, y with `a * x + b * y = g`, a common divisor that every common divisor divides."""
    if b == 0:
        return a, 1, 0
    g, x, y = _euclid(b, a % b)
    return g, y, x - a // b * y


def _divisions(equation: Term, first: str, second: str) -> Iterator[tuple[Term, Term]]:
    """Yield divisor and dividend of `a = b * q + r`."""
    if equation.head != "=":
        return
    left, right = equation.args
    for dividend, total in ((left, right), (right, left)):
        for part in total:
            match part:
                case Term("*", (x, y)):
                    for divisor, quotient in ((x, y), (y, x)):
                        if quotient.head in {first, second} and not divisor.variables & {first, second}:
                            yield divisor, dividend
