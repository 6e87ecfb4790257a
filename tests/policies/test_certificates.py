"""Which inequalities get a certificate, and that its parts add up."""

from __future__ import annotations

import pytest

from prover.policies.arithmetic.certificates import certificates
from prover.policies.arithmetic.nonnegative_combinations import parts_of
from prover.policies.arithmetic.polynomial import Polynomial
from prover.policies.terms import Fact, GoalView, Term

A, B = Term("a", variable=True), Term("b", variable=True)
X, Y, ONE = Polynomial.variable("x"), Polynomial.variable("y"), Polynomial.constant(1)


def times(left: Term, right: Term) -> Term:
    return Term("*", (left, right), type="Int")


def at_most(left: Term, right: Term) -> Term:
    return Term("≤", (left, right), type="Int")


def tactics(target: Term, *facts: Term) -> list[str]:
    named = tuple(Fact(f"h{number}", fact) for number, fact in enumerate(facts))
    return [tactic for tactic, _ in certificates(GoalView({"a": Term("Int"), "b": Term("Int")}, named, target))]


def test_parts_add_up_with_positive_weights() -> None:
    assert parts_of(X * X + Y + Y, [ONE, Y, X, X * X]) == [1, 3]


@pytest.mark.parametrize("total", [-ONE, X - Y, X * Y])
def test_what_is_no_such_sum_has_no_parts(total: Polynomial) -> None:
    assert parts_of(total, [ONE, X, Y, X * X]) is None


def test_a_true_inequality_is_refuted_where_it_is_denied() -> None:
    (tactic,) = tactics(at_most(times(A, B), times(B, B)), at_most(A, B), at_most(Term.integer(0), B))
    assert tactic.startswith("refine Classical.byContradiction fun hc => ?_\n")
    assert "Int.mul_nonneg" in tactic


def test_hypotheses_that_contradict_each_other_need_no_denial() -> None:
    square_below_zero = Term("<", (times(A, A), Term.integer(0)), type="Int")
    (tactic,) = tactics(Term("False"), square_below_zero)
    assert "byContradiction" not in tactic


def test_a_false_inequality_has_no_certificate() -> None:
    assert tactics(at_most(times(A, B), times(A, A))) == []


def test_what_linear_arithmetic_decides_is_left_to_it() -> None:
    assert tactics(at_most(A, B), at_most(A, B)) == []
