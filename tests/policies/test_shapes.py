"""Shapes of terms that arithmetic templates look for."""

from __future__ import annotations

from prover.policies.arithmetic.bounds import range_of
from prover.policies.arithmetic.shapes import (
    Application,
    VariablePower,
    applications,
    equations,
    is_nonlinear,
    moduli,
    powers_in,
    powers_of_variables,
    quantified,
)
from prover.policies.terms import Fact, Term

N, X = Term("n", variable=True), Term("x", variable=True)


def number(value: int) -> Term:
    return Term("number", number=value)


def power(base: Term, exponent: Term, kind: str = "Nat") -> Term:
    return Term("^", (base, exponent), type=kind)


def test_leading_quantifiers_and_premises_come_off_and_inner_ones_stay() -> None:
    inner = Term("∃", (Term("Nat"), Term("∀", (Term("Int"), X), name="x")), name="y")
    premise = Term("<", (number(1), N), type="Nat")
    found = quantified(Term("∀", (Term("Nat"), Term("→", (premise, inner))), name="n"))
    assert found.variables == (("n", "Nat"),)
    assert found.premises == (premise,)
    assert found.conclusion == inner


def test_applications_are_found_inside_others() -> None:
    f = Term("f", variable=True)
    inside = Term("apply", (f, number(3)))
    assert list(applications(Term("apply", (f, inside)))) == [
        Application("f", (inside,)),
        Application("f", (number(3),)),
    ]


def test_powers_of_variables_have_a_number_above_one_and_come_once() -> None:
    terms = [power(X, number(2)), power(X, number(1)), power(number(2), N), power(X, number(2)), power(X, N)]
    assert powers_of_variables(terms) == [VariablePower("x", 2, "Nat")]
    assert powers_of_variables([power(X, number(3), "Rat")]) == []
    assert len(list(powers_in(terms))) == len(terms)


def test_moduli_are_right_of_a_remainder_and_left_of_a_divisibility() -> None:
    remainder, divides = Term("%", (X, number(7)), type="Nat"), Term("∣", (number(5), N), type="Nat")
    assert list(moduli([Term("∧", (remainder, divides))])) == [number(7), number(5)]


def test_product_of_numbers_is_linear() -> None:
    assert not is_nonlinear(Term("*", (number(2), number(3))))
    assert is_nonlinear(Term("+", (number(1), Term("*", (number(2), X)))))


def test_equations_of_a_type() -> None:
    rational, natural = Term("=", (X, number(1)), type="Rat"), Term("=", (N, number(1)), type="Nat")
    facts = [Fact("h", rational), Fact("k", natural), Fact("l", Term("≤", (N, number(1)), type="Nat"))]
    assert list(equations(facts)) == [rational, natural]
    assert list(equations(facts, "Rat")) == [rational]


def test_values_of_a_variable() -> None:
    below = [Fact("h", Term("<", (X, number(4)), type="Nat"))]
    assert range_of("x", "Nat", below) == range(4)
    assert range_of("x", "Int", below) is None
    assert range_of("x", "Rat", below) is None
