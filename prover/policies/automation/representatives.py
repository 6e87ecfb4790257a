"""`∃ c : α → β` that chooses: one element from each class of a relation, the same for equal classes.

The choice depends on the class `R x` alone, so that equal classes are represented by the same element. That related
elements have equal classes is what an equivalence gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import bare, function_variables
from prover.policies.terms import GoalView, Term, Weighted

CHOSEN = """\
have same : ∀ x y, {r} x y → {r} x = {r} y := by
  intro x y e
  funext z
  grind
have picked : ∀ x, {r} x (@Classical.epsilon _ ⟨x⟩ ({r} x)) := fun x => @Classical.epsilon_spec _ ({r} x) ⟨x, by grind⟩
refine ⟨fun x => @Classical.epsilon _ ⟨x⟩ ({r} x), ?_⟩
first | exact ⟨picked, fun x y e => by simp only [same x y e]⟩ | grind"""


def representatives(view: GoalView) -> Iterator[Weighted]:
    """A system of representatives, for each relation on the elements."""
    match view.target:
        case Term("∃", (Term("→") as wanted, _)) if bare(wanted).args[0] == bare(wanted).args[1]:
            for r, arguments, result in function_variables(view):
                if arguments == [bare(wanted).args[0]] * 2 and result.head == "Sort":
                    yield CHOSEN.format(r=r), 0.10
