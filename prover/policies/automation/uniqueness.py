"""`∃ x, P x ∧ ∀ y, P y → y = x`, that there is just one: some x has the property, and no two have.

Both parts are goals of their own, to which the methods for either apply. The second has no witness in it any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted

LIKELY = 0.6
"""So likely that it comes before all else: nothing is lost by it."""
SPLIT = """\
refine (fun P some only => some.elim fun x hx => ⟨x, hx, fun y hy => {only}⟩ :
  ∀ P : _ → Prop, (∃ x, P x) → (∀ x y, P x → P y → x = y) → ∃ x, P x ∧ ∀ y, P y → {equation}) _ ?_ ?_"""


def uniqueness(view: GoalView) -> Iterator[Weighted]:
    """Existence, then uniqueness."""
    match view.target:
        case Term("∃", (_, Term("∧", (_, Term("∀", (_, Term("→", (_, Term("=", (left, right))))), name=y)))), name=x):
            if left.is_variable(y) and right.is_variable(x):
                split = SPLIT.format(only="only y x hy hx", equation="y = x")
            elif left.is_variable(x) and right.is_variable(y):
                split = SPLIT.format(only="only x y hx hy", equation="x = y")
            else:
                return
            yield split, LIKELY
            yield f"{split}\nall_goals first | grind | omega", 0.05
