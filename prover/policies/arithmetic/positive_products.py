"""Inequalities of higher degree: what the hypotheses make non-negative, times squares, as hints.

`a ^ 3 ≤ b ^ 3` follows from `0 ≤ (b - a) * a ^ 2`, `0 ≤ (b - a) * (a + b) ^ 2` and the like; which of them with which
weights, automation's linear arithmetic finds, for which monomials are variables.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import GoalView, Term, Weighted

GREATEST_DEGREE = 5
MOST_VARIABLES = 4
MOST_FACTORS = 4
MOST_HINTS = 15


def positive_products(view: GoalView) -> Iterator[Weighted]:
    """`p ≤ q` of degree 2 or more in integers or natural numbers."""
    match view.target.upright:
        case Term("≤" | "<", (left, right), type="Int" | "Nat" as kind):
            try:
                difference = polynomial(right) - polynomial(left)
            except ValueError:
                return
            names = sorted({name for monomial in difference.terms for name in monomial})
            if not 2 <= difference.degree <= GREATEST_DEGREE or len(names) > MOST_VARIABLES:
                return
            if any(view.numbers.get(name) != kind for name in names):
                return
            factors = list(_factors(view, kind, names))[:MOST_FACTORS]
            pairs = [f"{f} * {g}" for f, g in itertools.combinations_with_replacement(factors, 2)]
            signs = [
                f"have sign{i} : 0 ≤ {pair} := Int.mul_nonneg (by omega) (by omega)" for i, pair in enumerate(pairs)
            ]
            if signs:
                yield "\n".join([*signs, "grind"]), 0.08
            if difference.degree == 2:
                return
            hints = [
                f"have hint{i} : 0 ≤ {product} := Int.mul_nonneg (by omega) (Int.pow_nonneg_of_even (by decide))"
                for i, product in enumerate(_products(factors, [_cast(name, kind) for name in names]))
            ]
            if hints:
                yield "\n".join([*hints[:MOST_HINTS], "grind"]), 0.10


def _cast(name: str, kind: str) -> str:
    return f"({name} : Int)" if kind == "Nat" else name


def _factors(view: GoalView, kind: str, names: Sequence[str]) -> Iterator[str]:
    """Yield what is not negative: differences of both sides of hypotheses, and natural numbers."""
    for fact in view.facts:
        match fact.term.upright:
            case Term("≤" | "<", (left, right), type=found) if found == kind:
                try:
                    difference = polynomial(right, _casts(names, kind)) - polynomial(left, _casts(names, kind))
                except ValueError:
                    continue
                if difference.degree == 1:
                    yield f"({difference.text})"
    if kind == "Nat":
        yield from (_cast(name, kind) for name in names)


def _casts(names: Sequence[str], kind: str) -> dict[str, Polynomial]:
    return {name: Polynomial.variable(_cast(name, kind)) for name in names}


def _products(factors: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    pairs = [f"({a} {sign} {b})" for a, b in itertools.combinations(names, 2) for sign in "-+"]
    for square in [*pairs, *names]:
        yield from (f"{factor} * {square} ^ 2" for factor in factors)
