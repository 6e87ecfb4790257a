"""Roots of a number."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Weighted, evaluate, show


def roots(view: GoalView) -> Iterator[Weighted]:
    """`t ^ k = c` in the natural numbers, with c a k-th power: t is the root."""
    lines = []
    for i, fact in enumerate(view.facts):
        if fact.term.head != "=" or fact.term.type != "Nat" or fact.term.args[0].head != "^":
            continue
        base, exponent = fact.term.args[0].args
        value = evaluate(fact.term.args[1], {})
        if not exponent.number or not isinstance(value, int) or not base.variables:
            continue
        root = round(value ** (1 / exponent.number))
        if root**exponent.number != value:
            continue
        try:
            lines.append(
                f"have root{i} : {show(base)} = {root} := (Nat.pow_left_inj (n := {exponent.number}) (by decide)).mp "
                f"({fact.name}.trans (by decide))"
            )
        except ValueError:
            continue
    if lines:
        yield "\n".join([*lines, "simp_all"]), 0.06
        yield "\n".join(lines), 0.05
