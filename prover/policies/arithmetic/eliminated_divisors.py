"""`d ∣ 2 * n + 1` and `d ∣ 3 * n + 1`: d divides every combination, also the one in which `n` is gone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import Fact, GoalView, Term, Weighted, show
from prover.policies.texts import accessible

LARGEST = 50  # factor


def eliminated_divisors(view: GoalView) -> Iterator[Weighted]:
    """Two divisibilities by the same number, combined so that a variable goes."""
    for first, second in itertools.combinations([f for f in view.facts if accessible(f.name)], 2):
        match first.term, second.term:
            case Term("∣", (divisor, _), type=("Nat" | "Int") as kind), Term("∣", (same, _)) if divisor == same:
                yield from _combined(view, divisor, first, second, kind)


def _combined(view: GoalView, divisor: Term, first: Fact, second: Fact, kind: str) -> Iterator[Weighted]:
    try:
        a, b = polynomial(first.term.args[1]), polynomial(second.term.args[1])
        texts = [show(fact.term.args[1]) for fact in (first, second)]
        written = show(divisor)
    except ValueError:
        return
    for monomial in sorted(set(a.terms) & set(b.terms) - {()}):
        common = math.gcd(int(a.terms[monomial]), int(b.terms[monomial]))
        x, y = int(b.terms[monomial]) // common, int(a.terms[monomial]) // common
        if not 0 < x <= LARGEST or not 0 < y <= LARGEST:
            continue
        rest = _times(a, x) - _times(b, y)
        lines = [(first, x, texts[0]), (second, y, texts[1])]
        if rest.terms.get((), Fraction(0)) < 0:
            rest, lines = -rest, lines[::-1]
        if kind == "Nat" and any(coefficient < 0 for coefficient in rest.terms.values()):
            continue
        multiples = [f"({kind}.dvd_mul_left_of_dvd {fact.name} {factor})" for fact, factor, _ in lines]
        difference = " - ".join(f"{factor} * {text}" for _, factor, text in lines)
        stated = (
            f"have combined : {written} ∣ {rest.text} := by\n"
            f"  have h := {kind}.dvd_sub {' '.join(multiples)}\n"
            f"  rwa [show {difference} = {rest.text} by omega] at h"
        )
        yield (
            f"{stated}\nfirst | (simp_all; done) | grind | (have := {kind}.le_of_dvd (by omega) combined; omega)",
            0.15,
        )
        yield stated, 0.01


def _times(known: Polynomial, factor: int) -> Polynomial:
    return known * Polynomial.constant(factor)
