"""Equality from both directions: `x ≤ y` and `y ≤ x`, by a hypothesis that is the law of antisymmetry.

Automation uses such a law for inequalities that are there, and does not think of those that would be enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.shapes import Quantified, quantified
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible


def antisymmetry(view: GoalView) -> Iterator[Weighted]:
    """Both directions, each by automation, or as goals of their own."""
    if view.target.head != "=":
        return
    for fact in view.facts:
        match quantified(fact.term):
            case Quantified(((x, _), (y, _)), (first, second), Term("=", (left, right))) if accessible(fact.name):
                both = {x, y} <= first.variables and {x, y} <= second.variables
                if both and first.head == second.head and [left.head, right.head] == [x, y]:
                    yield f"refine {fact.name} _ _ ?_ ?_ <;> grind", 0.12
                    yield f"refine {fact.name} _ _ ?_ ?_", 0.02
