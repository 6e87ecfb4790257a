"""Powers that differ in base or exponent, compared: `2 ^ l ≤ 2 ^ max l r`, `n ^ n ≤ (n + 1) ^ n`.

Inequalities in an induction's step mention several powers, which linear arithmetic takes for unrelated numbers. Where
it can compare their exponents or bases, it gets the comparison of the powers as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from prover.policies.terms import GoalView, Term, Weighted, distinct
from prover.policies.texts import accessible, written

MOST_POWERS = 4
MOST_HINTS = 14


def compared_powers(view: GoalView) -> Iterator[Weighted]:
    """Hints for inequalities between natural numbers, then linear arithmetic, or the goal with the hints."""
    if view.target.upright.head not in {"≤", "<"}:
        return
    hints = list(itertools.islice(_hints(view), MOST_HINTS))
    products = list(itertools.islice(_products(view), MOST_HINTS))
    if hints and products:
        yield "\n".join([*products, *hints, "first | omega | grind"]), 0.12
    if hints:
        yield "\n".join([*hints, "first | omega | grind"]), 0.10
        yield "\n".join(hints), 0.05


def _hints(view: GoalView) -> Iterator[str]:
    powers = distinct(part for term in view.terms for part in term if _is_variable_power(part))[:MOST_POWERS]
    for power in list(powers):
        for step, smaller in _smaller(view, power):
            yield step
            powers.append(smaller)
    for (base, exponent), (other, larger) in itertools.permutations([power.args for power in powers], 2):
        try:
            b, e, c, f = (written(view, term) for term in (base, exponent, other, larger))
        except ValueError:
            continue
        if b == c:
            yield f"try have := Nat.pow_le_pow_right (n := {b}) (by omega) (show {e} ≤ {f} by omega)"
        elif e == f:
            yield f"try have := Nat.pow_le_pow_left (show {b} ≤ {c} by omega) {e}"


def _products(view: GoalView) -> Iterator[str]:
    """Yield hypotheses `a ≤ b ^ e` times what the target multiplies a by, also with a larger power for `b ^ e`."""
    parts = list(view.target)
    powers = [part for part in parts if _is_variable_power(part)][:MOST_POWERS]
    for fact in view.facts:
        match fact.term.upright:
            case Term("≤", (low, Term("^", (base, exponent)))) if fact.term.head == "≤" and accessible(fact.name):
                times = [other for part in parts if part.head == "*" for other in _cofactors(part, low)]
                with suppress(ValueError):
                    for factor in distinct(times):
                        c, b, e = (written(view, term) for term in (factor, base, exponent))
                        yield f"have := Nat.mul_le_mul_left {c} {fact.name}"
                        for larger in distinct(power.args[0] for power in powers if power.args[1] == exponent):
                            compared = f"Nat.pow_le_pow_left (show {b} ≤ {written(view, larger)} by omega) {e}"
                            yield f"try have := Nat.mul_le_mul_left {c} (Nat.le_trans {fact.name} ({compared}))"


def _cofactors(product: Term, factor: Term) -> Iterator[Term]:
    left, right = product.args
    if left == factor:
        yield right
    if right == factor:
        yield left


def _smaller(view: GoalView, power: Term) -> Iterator[tuple[str, Term]]:
    """Yield `b ^ (e + 1) = b * b ^ e`, and `b ^ e`, where the exponent is such a sum."""
    match power.args[1]:
        case Term("+", (Term(number=1), e)) | Term("+", (e, Term(number=1))):
            with suppress(ValueError):
                b, f, rest = (written(view, term) for term in (power.args[0], power.args[1], e))
                by = f"rw [show {f} = {rest} + 1 by omega, Nat.pow_succ, Nat.mul_comm]"
                yield f"have : {b} ^ {f} = {b} * {b} ^ {rest} := by {by}", replace(power, args=(power.args[0], e))


def _is_variable_power(term: Term) -> bool:
    return term.head == "^" and term.type == "Nat" and len(term.args) == 2 and term.args[1].number is None
