"""Shapes of terms that several templates look for, each read in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prover.policies.terms import Fact, Term


class Quantified(NamedTuple):
    """`∀ x y, p → q → conclusion`: the variables with the names of their types, the premises, and what follows."""

    variables: tuple[tuple[str, str], ...]
    premises: tuple[Term, ...]
    conclusion: Term


class Application(NamedTuple):
    """`function argument …`, for a function that is a variable."""

    function: str
    arguments: tuple[Term, ...]


class Power(NamedTuple):
    """`base ^ exponent`, in numbers of that type."""

    base: Term
    exponent: Term
    type: str


class VariablePower(NamedTuple):
    """`variable ^ exponent` in the natural numbers or the integers, with a number above 1 as exponent."""

    variable: str
    exponent: int
    type: str


def subterms(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield all subterms of all terms, each before its parts."""
    for term in terms:
        yield from term


def quantified(term: Term) -> Quantified:
    """Take the leading `∀` and `→` off a term."""
    variables: list[tuple[str, str]] = []
    premises: list[Term] = []
    while True:
        match term:
            case Term("∀", (domain, body), name=name):
                variables.append((name, domain.head))
                term = body
            case Term("→", (premise, conclusion)):
                premises.append(premise)
                term = conclusion
            case _:
                return Quantified(tuple(variables), tuple(premises), term)


def equations(facts: Iterable[Fact], type_: str | None = None) -> Iterator[Term]:
    """Yield the hypotheses that are equations; with `type_`, those between numbers of that type."""
    for fact in facts:
        match fact.term:
            case Term("=", type=found) as equation if type_ in {None, found}:
                yield equation


def applications(term: Term) -> Iterator[Application]:
    """Yield the applications of variables that occur in a term."""
    for part in term:
        match part:
            case Term("apply", (Term(head=function), *arguments)):
                yield Application(function, tuple(arguments))


def powers_in(terms: Iterable[Term]) -> Iterator[Power]:
    """Yield the powers that occur."""
    for part in subterms(terms):
        match part:
            case Term("^", (base, exponent), type=kind):
                yield Power(base, exponent, kind)


def powers_of_variables(terms: Iterable[Term]) -> list[VariablePower]:
    """Return each power `x ^ k` that occurs, with a number k above 1."""
    found: list[VariablePower] = []
    for power in powers_in(terms):
        match power:
            case Power(Term(head=name, variable=True), Term(number=int(exponent)), "Nat" | "Int" as kind) if (
                exponent > 1
            ):
                found.append(VariablePower(name, exponent, kind))
    return list(dict.fromkeys(found))


def moduli(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield what remainders are taken by, and what is said to divide."""
    for part in subterms(terms):
        match part:
            case Term("%", (_, modulus)) | Term("∣", (modulus, _)):
                yield modulus


def is_nonlinear(term: Term) -> bool:
    """Does a product or a power occur that has variables?"""
    for part in term:
        match part:
            case Term("*" | "^") if part.variables:
                return True
    return False


def multiplies_variables(term: Term) -> bool:
    """Is it beyond linear arithmetic: a product of two terms with variables, or a power of one or with one?"""
    for part in term:
        match part:
            case Term("*", (left, right)) if left.variables and right.variables:
                return True
            case Term("^") if part.variables:
                return True
    return False


def without_casts(term: Term) -> Term:
    """Return the term with numbers in place of their images in other types, and no types."""
    if term.head == "↑":
        return without_casts(term.args[-1])
    return Term(term.head, tuple(map(without_casts, term.args)), term.number, variable=term.variable)
