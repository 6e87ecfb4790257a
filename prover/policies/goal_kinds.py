"""What a goal is about, as far as it decides which tactics to try first."""

from __future__ import annotations

from enum import StrEnum

from prover.core.proof_state import Goal
from prover.policies.automation.definitions import library_functions


class GoalKind(StrEnum):
    """Kinds of goals at which different tactics pay."""

    OWN = "own"
    """About types, functions or predicates that the theorem's header defines."""
    PLAIN = "plain"
    """About variables, numbers and logic: no function of the library occurs."""
    LIBRARY = "library"
    """About functions of the library, of which it knows theorems."""


def kind_of(goal: Goal) -> GoalKind:
    """Return the kind of a goal, by what its target and hypotheses mention."""
    if goal.definitions:
        return GoalKind.OWN
    terms = (goal.term, *(hypothesis.term for hypothesis in goal.hypotheses))
    return GoalKind.LIBRARY if any(library_functions(term) for term in terms) else GoalKind.PLAIN
