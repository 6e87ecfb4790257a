"""Polynomials, and the squares that a quadratic form is made of."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.arithmetic.quadratic_forms import sum_of_squares
from prover.policies.terms import Term

X, Y = Polynomial.variable("x"), Polynomial.variable("y")
NUMBER = st.integers(-9, 9)


def constant(value: int) -> Polynomial:
    return Polynomial.constant(value)


def test_products_collect_equal_monomials() -> None:
    assert (X + Y) * (X - Y) == X * X - Y * Y
    assert (X - X).text == "0"


def test_what_is_subtracted_is_written_last() -> None:
    assert (-X + constant(2) * Y * Y + constant(3)).text == "2 * y * y + 3 - x"


def test_a_quotient_by_a_monomial_is_whole_or_nothing() -> None:
    assert (constant(4) * X * Y + constant(2) * X).divided_by(("x",), Fraction(2)) == constant(2) * Y + constant(1)
    assert (X + constant(1)).divided_by(("x",), Fraction(1)) is None
    assert X.divided_by((), Fraction(2)) is None


@given(root=NUMBER, a=NUMBER, b=NUMBER)
def test_a_root_divides(root: int, a: int, b: int) -> None:
    rest = constant(a) * X + constant(b)
    assert (rest * (X - constant(root))).without_root("x", root) == rest


@given(st.lists(st.tuples(st.lists(st.sampled_from("xyz"), max_size=2), st.integers(-3, 3)), max_size=4))
def test_the_root_of_a_square_is_found(terms: list[tuple[list[str], int]]) -> None:
    root = Polynomial.of((tuple(sorted(names)), Fraction(value)) for names, value in terms)
    square = root * root
    assert square.square_root() in (root, -root)
    assert (square + constant(1)).square_root() in (None, constant(1), constant(-1))
    assert (-square).square_root() in (None, constant(0))


def test_subtraction_of_natural_numbers_is_no_polynomial() -> None:
    x = Term("x", variable=True)
    with pytest.raises(ValueError, match="beyond polynomials"):
        polynomial(Term("-", (x, Term.integer(1)), type="Nat"))


@given(forms=st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=4))
def test_a_sum_of_squares_is_found_and_is_one(forms: list[tuple[int, int, int]]) -> None:
    linear = [constant(a) * X + constant(b) * Y + constant(c) for a, b, c in forms]
    total = constant(0)
    for form in linear:
        total = total + form * form
    squares = sum_of_squares(total, ["x", "y"])
    assert squares is not None
    assert all(entry.denominator == 1 for form in squares for entry in form)


@given(a=NUMBER, b=NUMBER)
def test_what_is_negative_somewhere_is_no_sum_of_squares(a: int, b: int) -> None:
    form = (X - constant(a)) * (X - constant(a)) - (Y - constant(b)) * (Y - constant(b))
    assert sum_of_squares(form, ["x", "y"]) is None
    assert sum_of_squares(X * X - constant(1), ["x"]) is None
