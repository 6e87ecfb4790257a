"""Terms that a goal offers."""

from __future__ import annotations

from prover.policies.scope import inhabitants
from prover.policies.terms import GoalView, Term

ELEMENT = Term("α", variable=True)
PREDICATE = Term("→", (ELEMENT, Term("Sort")))


def test_a_predicate_binds_no_name_that_it_is_about() -> None:
    view = GoalView({"α": Term("Sort"), "x": ELEMENT}, (), Term("False"))
    assert inhabitants(view, PREDICATE, 2) == ["fun x1 => x1 = x", "fun x1 => x1 ≠ x"]
