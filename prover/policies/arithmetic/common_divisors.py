"""Common divisors: `gcd a b = 1`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted, evaluate, show


def common_divisors(view: GoalView) -> Iterator[Weighted]:
    """`gcd a b = 1` for linear a, b: a combination of both that is constant."""
    match view.target:
        case Term("=", (Term("Nat.gcd", (a, b)), Term(number=1))):
            pass
        case _:
            return
    try:
        left, right = show(a), show(b)
    except ValueError:
        return
    samples = [dict.fromkeys(view.numbers, value) for value in (2, 3, 7, 10)]
    values = [(evaluate(a, s), evaluate(b, s)) for s in samples]
    for u, v in itertools.product(range(1, 60), repeat=2):
        differences = {int(u * x) - int(v * y) for x, y in values if x is not None and y is not None}
        if differences in ({1}, {-1}):
            first, second = (
                (("h1", u, left), ("h2", v, right)) if differences == {1} else (("h2", v, right), ("h1", u, left))
            )
            larger, smaller = (f"Nat.dvd_mul_left_of_dvd {divides} {times}" for divides, times, _ in (first, second))
            yield "\n".join([
                f"have h1 := Nat.gcd_dvd_left {left} {right}",
                f"have h2 := Nat.gcd_dvd_right {left} {right}",
                f"have h3 := Nat.dvd_sub ({larger}) ({smaller})",
                f"rw [show {first[1]} * {first[2]} - {second[1]} * {second[2]} = 1 by omega] at h3",
                "exact Nat.dvd_one.mp h3",
            ]), 0.2  # fmt: skip
            return
