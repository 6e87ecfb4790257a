"""What residues say of a statement: true, false, or nothing."""

from __future__ import annotations

import pytest

from prover.policies.arithmetic.congruences import residue, truth
from prover.policies.terms import Term

N = Term("n", variable=True)
SQUARE = Term("*", (N, N), type="Nat")


def number(value: int) -> Term:
    return Term.integer(value)


def equal(left: Term, right: Term) -> Term:
    return Term("=", (left, right), type="Nat")


def remainder(term: Term, divisor: int) -> Term:
    return Term("%", (term, number(divisor)), type="Nat")


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (SQUARE, 1),
        (Term("^", (N, number(3)), type="Nat"), 3),
        (Term("-", (N, number(1)), type="Int"), 2),
        (Term("-", (N, number(2)), type="Nat"), 1),
        (Term("-", (N, number(5)), type="Nat"), None),  # 3 - 5 is 0 there, and 7 - 5 is 2
        (remainder(N, 2), 1),
        (remainder(N, 3), None),
        (Term("/", (N, number(2)), type="Nat"), None),
        (Term("^", (number(2), N), type="Nat"), None),
    ],
)
def test_residue_modulo_four_where_n_leaves_three(term: Term, expected: int | None) -> None:
    assert residue(term, {"n": 3}, 4) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term("∣", (number(2), SQUARE), type="Nat"), False),
        (Term("∣", (number(3), SQUARE), type="Nat"), None),
        (equal(SQUARE, number(3)), False),
        (equal(SQUARE, number(1)), None),  # for 1, but not for 5
        (equal(remainder(SQUARE, 4), number(1)), True),
        (Term("≠", (SQUARE, number(3)), type="Nat"), True),
        (Term("→", (equal(SQUARE, number(3)), equal(N, number(0)))), True),
        (Term("∧", (equal(SQUARE, number(1)), equal(SQUARE, number(3)))), False),
        (Term("↔", (Term("∣", (number(2), SQUARE)), Term("∣", (number(2), N)))), True),
        (Term("<", (N, number(2)), type="Nat"), None),
    ],
)
def test_truth_modulo_four_where_n_leaves_three(term: Term, expected: bool | None) -> None:
    assert truth(term, {"n": 3}, 4) is expected
