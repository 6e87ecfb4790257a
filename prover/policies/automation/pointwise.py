"""Equations between functions at every point, and pairs by their components.

Automation finds instances of `∀ x, f (g x) = h x`, and none of `f ∘ g = h`; witnesses are computed for numbers, not for
pairs of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import listed

AT_POINTS = "funext_iff, Function.comp_apply, id_eq"
BY_COMPONENTS = "Prod.exists, Prod.forall, Prod.mk.injEq"


def pointwise(view: GoalView) -> Iterator[Weighted]:
    """Rewrite the goal and all hypotheses."""
    parts = [part for term in view.terms for part in term]
    rules = []
    if any(part.head in {"=", "≠"} and part.type == "→" for part in parts):
        rules.append(AT_POINTS)
    if any(part.head in {"∀", "∃"} and part.args[0].head == "Prod" for part in parts):
        rules.append(BY_COMPONENTS)
    properties = [name for name in view.definitions if name in view.cited and _is_property(name)]
    if properties and AT_POINTS in rules:  # such as `Injective f`
        rules.insert(0, f"{AT_POINTS}, {listed(properties)}")
    for each in rules:
        yield f"simp only [{each}] at *", 0.04
        yield f"simp only [{each}] at * <;> grind", 0.04


def _is_property(name: str) -> bool:
    return name.rpartition(".")[2][:1].isupper()
