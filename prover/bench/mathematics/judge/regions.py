"""Intervals, sets and unions as sets of points."""

from __future__ import annotations

import sympy

from prover.bench.mathematics.judge.values import LIST, SET, Collection, Named, Region, Scalar, Value


def region(value: Value) -> sympy.Set | None:
    """Return the points of an interval, a set or a union; None if it is none."""
    if isinstance(value, Region):
        return value.points
    if isinstance(value, Named):
        return region(value.value)
    if not isinstance(value, Collection) or not all(isinstance(item, Scalar) for item in value.items):
        return None
    ends = [item.value for item in value.items if isinstance(item, Scalar)]
    if value.brackets == SET:
        return sympy.FiniteSet(*ends)
    if value.brackets == LIST or len(ends) != 2 or not all(end.is_extended_real for end in ends):
        return None
    return sympy.Interval(*ends, value.brackets[0] == "(", value.brackets[1] == ")")
