"""Polynomials with rational coefficients, as far as witnesses and certificates need them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from prover.policies.terms import Term

Monomial = tuple[str, ...]
"""The variables of a product in alphabetical order, each as often as its power; `()` is 1."""
MOST_TERMS = 200
MOST_DEGREE = 8


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of monomials with coefficients that are not zero."""

    terms: Mapping[Monomial, Fraction]

    @classmethod
    def of(cls, terms: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
        """Add up."""
        found: dict[Monomial, Fraction] = {}
        for monomial, coefficient in terms:
            found[monomial] = found.get(monomial, Fraction(0)) + coefficient
        return cls({monomial: coefficient for monomial, coefficient in found.items() if coefficient})

    @classmethod
    def constant(cls, value: int | Fraction) -> Polynomial:
        """Return a number."""
        return cls.of([((), Fraction(value))])

    @classmethod
    def variable(cls, name: str) -> Polynomial:
        """Return a variable."""
        return cls({(name,): Fraction(1)})

    @property
    def degree(self) -> int:
        """The degree; 0 for zero."""
        return max((len(monomial) for monomial in self.terms), default=0)

    @property
    def is_atom(self) -> bool:
        """Is it a variable or a number, whose text needs no parentheses?"""
        return len(self.terms) == 1 and all(len(m) + (c != 1) <= 1 and c > 0 for m, c in self.terms.items())

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.of([*self.terms.items(), *other.terms.items()])

    def __mul__(self, other: Polynomial) -> Polynomial:
        """Multiply. Raises ValueError where the product grows too large."""
        if len(self.terms) * len(other.terms) > MOST_TERMS or self.degree + other.degree > MOST_DEGREE:
            raise ValueError("this polynomial is too large")
        return Polynomial.of(
            (tuple(sorted(a + b)), x * y) for a, x in self.terms.items() for b, y in other.terms.items()
        )

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def divided_by(self, monomial: Monomial, coefficient: Fraction) -> Polynomial | None:
        """Return the quotient by a monomial; None if it leaves a remainder over the integers."""
        found: dict[Monomial, Fraction] = {}
        for own, value in self.terms.items():
            rest = list(own)
            for name in monomial:
                if name not in rest:
                    return None
                rest.remove(name)
            found[tuple(rest)] = value / coefficient
            if found[tuple(rest)].denominator != 1:
                return None
        return Polynomial(found)

    def quotient(self, divisor: Polynomial) -> Polynomial | None:
        """Return the quotient by a polynomial that is not zero; None if it leaves a remainder over the integers."""
        found, left = Polynomial({}), self
        first, coefficient = divisor.leading
        while left.terms:
            monomial, value = left.leading
            term = Polynomial({monomial: value}).divided_by(first, coefficient)
            if term is None:
                return None
            found, left = found + term, left - term * divisor
        return found

    @property
    def leading(self) -> tuple[Monomial, Fraction]:
        """The term of the highest degree, of several the one with most of the first variables. Zero has none."""
        monomial = min(self.terms, key=lambda monomial: (-len(monomial), monomial))
        return monomial, self.terms[monomial]

    def square_root(self) -> Polynomial | None:
        """Return the polynomial with integer coefficients whose square this is, its first one positive; else None.

        As for numbers, from the leading term down: each further one is what is left, divided by twice the first.
        """
        if not self.terms:
            return self
        square, coefficient = self.leading
        first, root = square[::2], Fraction(math.isqrt(max(0, int(coefficient))))
        if first != square[1::2] or root * root != coefficient:
            return None
        found = Polynomial({first: root})
        left = self - found * found
        while left.terms and len(found.terms) <= len(self.terms):
            monomial, coefficient = left.leading
            term = Polynomial({monomial: coefficient}).divided_by(first, 2 * root)
            if term is None:
                return None
            left = left - term * (found + found + term)
            found = found + term
        return None if left.terms else found

    def without_root(self, name: str, root: int) -> Polynomial:
        """Return the quotient by `name - root`, for a polynomial in this variable alone that has the root."""
        found: list[tuple[Monomial, Fraction]] = []
        carried = Fraction(0)
        for power in range(self.degree, 0, -1):
            carried = self.terms.get((name,) * power, Fraction(0)) + carried * root
            found.append(((name,) * (power - 1), carried))
        return Polynomial.of(found)

    @property
    def text(self) -> str:
        """As Lean reads it; a natural number is never less than 0, so what is subtracted comes last."""
        added = [_product(m, c) for m, c in self.terms.items() if c > 0]
        subtracted = [_product(m, -c) for m, c in self.terms.items() if c < 0]
        return " - ".join([" + ".join(added) or "0", *subtracted])


def _product(monomial: Monomial, coefficient: Fraction) -> str:
    factors = [str(coefficient)] if coefficient != 1 or not monomial else []
    return " * ".join([*factors, *monomial])


def polynomial(
    term: Term,
    values: Mapping[str, Polynomial] | None = None,
    unread: Callable[[Term], Polynomial] | None = None,
) -> Polynomial:
    """Read a term. `values`: what variables stand for. `unread`: what stands for a part that is no polynomial.

    Raises:
        ValueError: it is no polynomial (subtraction of natural numbers is none), or too large a one.
    """

    def read(part: Term) -> Polynomial:
        return polynomial(part, values, unread)

    match term:
        case Term(number=int(number)):
            return Polynomial.constant(number)
        case Term(variable=True, head=name) if unread is None or (values and name in values):
            return values[name] if values and name in values else Polynomial.variable(name)
        case Term("+", (left, right)):
            return read(left) + read(right)
        case Term("-", (left, right), type="Int" | "Rat"):
            return read(left) - read(right)
        case Term("*", (left, right)):
            return read(left) * read(right)
        case Term("neg", (inner,)):
            return -read(inner)
        case Term("↑", (inner,)) if unread is None:
            return read(inner)
        case Term("^", (base, Term(number=int(exponent)))) if exponent <= MOST_DEGREE:
            found = Polynomial.constant(1)
            for _ in range(exponent):
                found = found * read(base)
            return found
        case _ if unread:
            return unread(term)
        case _:
            raise ValueError(f"{term.head} is beyond polynomials")
