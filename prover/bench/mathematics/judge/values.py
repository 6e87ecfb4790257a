"""What an answer says, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import sympy

LIST, TUPLE, SET = "", "()", "{}"
INTERVALS = ("[]", "[)", "(]", TUPLE)
"""Brackets that may enclose an interval; `(a, b)` is a pair or an open interval, `[a, b]` closed."""


class UnreadableError(ValueError):
    """The text is not mathematics that this reader knows."""


class UnknownConstructError(UnreadableError):
    """The text may well be mathematics: a sum, an integral, a limit. Another reader is asked."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number or an expression, exact: decimals are fractions.

    `digits`: significant digits of the longest decimal in it, 0 if there is none. `percent`: a percent sign was there
    and is not in the value. `unit`: what followed the number. `letters`: the value if the unit is a product of letters
    (`12 m`). `clock`: the time of day that it may be (`3:30`).
    """

    value: sympy.Expr
    digits: int = 0
    percent: bool = False
    unit: str = ""
    letters: sympy.Expr | None = None
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Based:
    """Digits in a base that was written down. A number in another base is another answer, whatever its value."""

    digits: str
    base: int


@dataclass(frozen=True, slots=True)
class Words:
    """Text that is no mathematics, in small letters with single blanks."""

    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Several values: a list without order (no brackets), a tuple, a set, an interval.

    `printed`: by a program, whose brackets say less: `[1, 2]` is a list, and so may be `(1, 2)`.
    """

    brackets: str
    items: tuple[Value, ...]
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """A union of intervals and sets, or the solutions of inequalities in one unknown."""

    points: sympy.Set
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of values. `bars`: a determinant, which is not the matrix."""

    rows: tuple[tuple[Value, ...], ...]
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A value that was given a name: `x = 4`."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Relation:
    """An equation or inequality between expressions, as `left - right` and its sign."""

    sign: str
    difference: sympy.Expr


Value: TypeAlias = Scalar | Based | Words | Collection | Region | Matrix | Named | Relation
