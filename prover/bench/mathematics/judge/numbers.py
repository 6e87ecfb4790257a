"""Equality of numbers and expressions: exact, with a tolerance for decimals only where a rule gives one."""

from __future__ import annotations

import cmath

import sympy

from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.judge.values import Scalar, UnreadableError

MACHINE_DIGITS = 15
"""So many digits has a number that a program calculated in floating point: its last ones are noise."""
_NOISE = sympy.Rational(1, 10**9)
_NOISE_AT_ZERO = sympy.Rational(1, 10**12)
_POINTS = tuple(
    sympy.Rational(*pair)
    for pair in (
        (17, 23),
        (-31, 29),
        (101, 37),
        (-7, 61),
        (211, 53),
        (-97, 19),
        (43, 41),
        (-113, 47),
        (5, 71),
        (307, 89),
    )
)
"""Where expressions are compared; no formula of a problem singles them out."""
_NOTHING = sympy.Float(10) ** -500
"""Exact numbers that differ by less are equal: a difference is looked for up to a thousand digits."""


def same_scalar(gold: Scalar, given: Scalar, rule: Rule) -> bool:
    """Are the values the same under the rule? `50 %` is both 50 and 1/2."""
    hundredths = sympy.Rational(1, 100)
    pairs = [(gold.value, given.value)]
    if gold.percent and not given.percent:
        pairs.append((gold.value * hundredths, given.value))
    elif given.percent and not gold.percent:
        pairs.append((gold.value, given.value * hundredths))
    return any(_same(left, right, gold.digits, given.digits, rule) for left, right in pairs)


def same_expression(left: sympy.Expr, right: sympy.Expr) -> bool:
    """Are two exact expressions equal, for all values of their unknowns?"""
    if left == right:
        return True
    if left.is_Rational and right.is_Rational:
        return False
    if left.has(sympy.oo, -sympy.oo) or right.has(sympy.oo, -sympy.oo):
        return False
    unknown = sorted(left.free_symbols | right.free_symbols, key=str)
    if not unknown:
        return _is_zero(left - right)
    if sympy.expand(left - right) == 0:
        return True
    compared = 0
    for start in range(len(_POINTS)):
        point = {symbol: _POINTS[(start + 3 * place) % len(_POINTS)] + place for place, symbol in enumerate(unknown)}
        here, there = left.subs(point), right.subs(point)
        if here.has(sympy.nan, sympy.zoo, sympy.oo) or there.has(sympy.nan, sympy.zoo, sympy.oo):
            continue
        if not _is_zero(here - there):
            return False
        compared += 1
    return compared >= 3


def _same(gold: sympy.Expr, given: sympy.Expr, gold_digits: int, given_digits: int, rule: Rule) -> bool:
    if same_expression(gold, given):
        return True
    if not (gold.is_number and given.is_number):
        return False
    if rule is Rule.CLOSE:
        return _close(gold, given)
    if given_digits >= MACHINE_DIGITS or gold_digits >= MACHINE_DIGITS:
        noise = _within(gold, given, _NOISE) or (gold == 0 and bool(sympy.Abs(given) < _NOISE_AT_ZERO))
        return noise and not (given.is_Integer and gold.is_Integer)
    if rule is Rule.DECIMALS and bool(gold_digits) != bool(given_digits):
        exact = given if gold_digits else gold
        return not _terminates(exact) and _within(exact, given if gold is exact else gold, sympy.Rational(1, 10**6))
    return False


def _close(gold: sympy.Expr, given: sympy.Expr) -> bool:
    """Are the numbers equal as the authors of OCWCourses' evaluation have it (lm_eval/tasks/ocw_courses.py)?

    NumPy's `isclose`, and near zero, where that takes all for equal, 1 % of their mean. Its sign is not the authors':
    with theirs no negative number near zero equals itself.
    """
    try:
        left, right = complex(sympy.N(gold)), complex(sympy.N(given))
    except (OverflowError, TypeError, ValueError):
        return False
    if not (cmath.isfinite(left) and cmath.isfinite(right)):  # to infinity everything is close
        return False
    if min(abs(left), abs(right), abs(left - right)) <= 1e-8:
        return abs(left - right) < 0.01 * abs(left + right) / 2
    return abs(left - right) <= 1e-8 + 1e-5 * abs(right)


def _terminates(value: sympy.Expr) -> bool:
    """Has the number a decimal form, which an answer in decimals would give?"""
    if not value.is_Rational:
        return False
    rest = int(value.q)
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return rest == 1


def _within(left: sympy.Expr, right: sympy.Expr, share: sympy.Rational) -> bool:
    """Do the numbers differ by at most this share of the left one?"""
    return bool(sympy.N(sympy.Abs(left - right), 20) <= sympy.N(share * sympy.Abs(left), 20))


def _is_zero(difference: sympy.Expr) -> bool:
    """Is an exact number zero? A digit of it is looked for as far as the thousandth place."""
    if difference.is_Rational:
        return bool(difference == 0)
    size = sympy.Abs(sympy.N(difference, 5, maxn=1000))
    if not size.is_Float and size != 0:
        raise UnreadableError("not a number")
    return bool(size < _NOTHING)
