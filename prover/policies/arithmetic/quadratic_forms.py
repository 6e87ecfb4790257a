"""Inequalities of second degree: the squares whose sum is the difference of both sides, found by completing squares.

A polynomial of degree 2 is a quadratic form in its variables and 1, and has one Gram matrix. Gaussian elimination
without pivoting writes it as a sum of squares with positive rational weights, or shows that there is no such sum. Lean
gets the squares as hints and adds them up itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from prover.policies.arithmetic.polynomial import Monomial, Polynomial, polynomial
from prover.policies.terms import GoalView, Term, Weighted

Form = list[Fraction]
"""A linear form: the coefficients of the variables, and last the constant."""
MOST_VARIABLES = 6


def quadratic_forms(view: GoalView) -> Iterator[Weighted]:
    """`p ≤ q` with q - p a sum of squares."""
    match view.target.upright:
        case Term("≤" | "<" as relation, (left, right), type="Int" | "Nat" as kind):
            try:
                difference = polynomial(right) - polynomial(left)
            except ValueError:
                return
            names = sorted({name for monomial in difference.terms for name in monomial})
            if difference.degree != 2 or len(names) > MOST_VARIABLES or set(names) - set(view.numbers):
                return
            if any(view.numbers[name] != kind for name in names):
                return
            squares = sum_of_squares(difference, names)
            if squares is None or (relation == "<" and not _has_constant(squares)):
                return
            written = [_written(form, names, cast=kind == "Nat") for form in squares if any(form[:-1])]
            hints = [
                f"have square{i} : 0 ≤ ({text}) ^ 2 := Int.pow_nonneg_of_even (by decide)"
                for i, text in enumerate(written)
            ]
            yield "\n".join([*hints, "grind"]), 0.20


def _has_constant(squares: Sequence[Form]) -> bool:
    return any(not any(form[:-1]) for form in squares)


def sum_of_squares(difference: Polynomial, names: Sequence[str]) -> list[Form] | None:
    """Return linear forms whose squares, with positive weights, add up to the polynomial; None if there are none.

    The polynomial has degree at most 2. Each form has integers without a common divisor.

    >>> x = Polynomial.variable("x")
    >>> [[int(c) for c in form] for form in sum_of_squares(x * x + x + Polynomial.constant(1), ["x"])]
    [[2, 1], [0, 1]]
    """
    matrix = _gram(difference, names)
    forms: list[Form] = []
    for pivot in range(len(matrix)):
        weight = matrix[pivot][pivot]
        if weight < 0 or (weight == 0 and any(matrix[pivot][pivot:])):
            return None
        if weight == 0:
            continue
        row = list(matrix[pivot])
        forms.append(_whole([Fraction(0)] * pivot + [entry / weight for entry in row[pivot:]]))
        for i in range(pivot, len(matrix)):
            for j in range(pivot, len(matrix)):
                matrix[i][j] -= row[i] * row[j] / weight
    return forms


def _gram(difference: Polynomial, names: Sequence[str]) -> list[Form]:
    """The symmetric matrix of the form; its last row and column belong to 1."""
    size = len(names) + 1
    matrix = [[Fraction(0)] * size for _ in range(size)]
    for monomial, coefficient in difference.terms.items():
        i, j = _places(monomial, names)
        matrix[i][j] += coefficient / 2
        matrix[j][i] += coefficient / 2
    return matrix


def _places(monomial: Monomial, names: Sequence[str]) -> tuple[int, int]:
    places = [names.index(name) for name in monomial]
    places += [len(names)] * (2 - len(places))
    return places[0], places[1]


def _whole(form: Form) -> Form:
    scale = math.lcm(*(entry.denominator for entry in form))
    divisor = math.gcd(*(int(entry * scale) for entry in form)) or 1
    return [entry * scale / divisor for entry in form]


def _written(form: Form, names: Sequence[str], *, cast: bool) -> str:
    linear = [((f"({name} : Int)" if cast else name,), entry) for name, entry in zip(names, form, strict=False)]
    return Polynomial.of([*linear, ((), form[-1])]).text
