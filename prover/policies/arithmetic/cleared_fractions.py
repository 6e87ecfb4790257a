"""Inequalities between sums of fractions with positive denominators: `2 ≤ a / b + b / a`, `1 / y < 1 / x` from `x < y`.

The difference of both sides is one fraction. Its numerator, a polynomial, is a square or positive by the hypotheses;
then so is the difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.arithmetic.rational_powers import SQUARES
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, written

MOST_VARIABLES = 3
MOST_FACTORS = 4


class Quotient(NamedTuple):
    """A polynomial, and the factors of what it is divided by: what they are, and how they are written."""

    above: Polynomial
    below: dict[str, Polynomial]


def cleared_fractions(view: GoalView) -> Iterator[Weighted]:
    """The numerator of the difference, with squares as hints."""
    match view.target.upright:
        case Term(("≤" | "<") as relation, (left, right), type="Rat") if any(part.head == "/" for part in view.target):
            with suppress(ValueError):
                difference = _difference(_read(view, right), _read(view, left))
                if difference.below and len(difference.below) <= MOST_FACTORS:
                    yield _proof(view, relation, difference), 0.25


def _read(view: GoalView, term: Term) -> Quotient:
    """Read a term. Raises ValueError where it is no sum or product of fractions."""
    match term:
        case Term("+" | "-" | "*", (left, right)):
            one, other = _read(view, left), _read(view, right)
            if term.head == "-":
                return _difference(one, other)
            if term.head == "+":
                return _difference(one, Quotient(-other.above, other.below))
            if one.below.keys() & other.below.keys():
                raise ValueError("a factor occurs twice")
            return Quotient(one.above * other.above, {**one.below, **other.below})
        case Term("/", (above, below)) if below.variables:
            return Quotient(polynomial(above), dict(_factors(view, below)))
        case _:
            return Quotient(polynomial(term), {})


def _factors(view: GoalView, term: Term) -> Iterator[tuple[str, Polynomial]]:
    if term.head == "*":
        for part in term.args:
            yield from _factors(view, part)
    else:
        yield written(view, term), polynomial(term)


def _difference(one: Quotient, other: Quotient) -> Quotient:
    below = {**one.below, **other.below}
    first, second = one.above, other.above
    for name, factor in below.items():
        first = first if name in one.below else first * factor
        second = second if name in other.below else second * factor
    return Quotient(first - second, below)


def _proof(view: GoalView, relation: str, difference: Quotient) -> str:
    """Positive factors, the difference as a fraction, its numerator, what follows."""
    strict = relation == "<"
    inverses = [f"({factor})⁻¹" for factor in difference.below]
    left, right = (written(view, side) for side in view.target.upright.args)
    lines = [SQUARES] if not strict else []
    if view.target.head == "¬":
        lines.insert(0, f"suffices said : {left} {relation} {right} by grind")
    positive, product = "", ""
    for number, inverse in enumerate(inverses):
        lines.append(f"have inverse_{number} : 0 < {inverse} := Rat.inv_pos.2 (by grind)")
        positive = f"Rat.mul_pos ({positive}) inverse_{number}" if positive else f"inverse_{number}"
        product = f"{product} * {inverse}" if product else inverse
    above = difference.above.text
    zero = "(0 : Rat) <" if strict else "(0 : Rat) ≤"
    lines += [
        f"have fraction : {right} - {left} = {product} * ({above}) := by grind",
        f"have above : {zero} {above} := by",
        *(f"  have := squares ({root})" for root in (_roots(view) if not strict else [])),
        "  grind",
        f"have := Rat.mul_pos ({positive}) above"
        if strict
        else f"have := Rat.mul_nonneg (Rat.le_of_lt ({positive})) above",
        "grind",
    ]
    return "\n".join(lines)


def _roots(view: GoalView) -> list[str]:
    """Return what squares are taken of: differences of variables, and of one and 1."""
    names = [name for name in sorted(view.target.variables) if accessible(name)][:MOST_VARIABLES]
    return [*(f"{a} - {b}" for a, b in itertools.combinations(names, 2)), *(f"{a} - 1" for a in names)]
