"""Roots of a number."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted, evaluate, show


def roots(view: GoalView) -> Iterator[Weighted]:
    """`t ^ k = c` in the natural numbers, with c a k-th power: t is the root."""
    lines = []
    for i, fact in enumerate(view.facts):
        match fact.term:
            case Term("=", (Term("^", (base, Term(number=int(exponent)))), right), type="Nat") if exponent:
                value = evaluate(right, {})
            case _:
                continue
        if not isinstance(value, int) or not base.variables:
            continue
        root = round(value ** (1 / exponent))
        if root**exponent != value:
            continue
        try:
            lines.append(
                f"have root{i} : {show(base)} = {root} := (Nat.pow_left_inj (n := {exponent}) (by decide)).mp "
                f"({fact.name}.trans (by decide))"
            )
        except ValueError:
            continue
    if lines:
        yield "\n".join([*lines, "simp_all"]), 0.06
        yield "\n".join(lines), 0.05
