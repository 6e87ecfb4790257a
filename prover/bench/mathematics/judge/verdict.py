"""The verdict on an answer, and what was understood of it."""

from __future__ import annotations

from dataclasses import dataclass

from prover.bench.mathematics.judge.normalise import normalised
from prover.bench.mathematics.judge.printed import read_printed
from prover.bench.mathematics.judge.reading import has_thousands, read, words
from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.judge.same import same
from prover.bench.mathematics.judge.values import (
    Based,
    Collection,
    Matrix,
    Named,
    Region,
    Relation,
    Scalar,
    UnknownConstructError,
    UnreadableError,
    Value,
    Words,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer's text and value. `unknown`: the text is mathematics that only Math-Verify may know."""

    text: str
    value: Value
    unknown: bool = False


def reading(text: str, *, printed: bool = False) -> Reading:
    """Return what a text says; as words if it says nothing else. `printed`: by a program."""
    if printed:
        try:
            return Reading(text, read_printed(text.strip()))
        except UnreadableError:
            pass
    try:
        return Reading(text, read(text))
    except UnknownConstructError:
        return Reading(text, words(text), unknown=True)
    except (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError):
        return Reading(text, words(text))


def right(gold: Reading, given: Reading, rule: Rule) -> bool:
    """Is the answer right?"""
    if not gold.text.strip() or not given.text.strip():
        return False
    if rule is Rule.MINERVA:
        return _same_by_minerva(gold.text, given.text)
    if "".join(normalised(gold.text).split()) == "".join(normalised(given.text).split()) and _digits(gold) == _digits(
        given
    ):
        return True
    if (gold.unknown or given.unknown) and _same_by_library(gold.text, given.text):
        return True
    return same(gold.value, given.value, rule) or _with_commas_apart(gold, given, rule)


def _same_by_library(gold: str, given: str) -> bool:
    """Ask Math-Verify, which is imported only then: that takes a second."""
    from prover.bench.mathematics.judge.library import same_by_library

    return same_by_library(gold, given)


def _same_by_minerva(gold: str, given: str) -> bool:
    """Ask Minerva's rule, which is imported only then."""
    from prover.bench.mathematics.judge.minerva import same_by_minerva

    return same_by_minerva(gold, given)


def _digits(reading: Reading) -> list[str]:
    """Return the numbers as they stand apart: `1 2` is not `12`."""
    return "".join(letter if letter.isdigit() else " " for letter in normalised(reading.text)).split()


def _with_commas_apart(gold: Reading, given: Reading, rule: Rule) -> bool:
    """Compare again with `1,200` as a list, if the other answer is one."""
    for one, other in ((gold, given), (given, gold)):
        if isinstance(one.value, Scalar) and isinstance(other.value, Collection) and has_thousands(one.text):
            try:
                apart = read(one.text, thousands=False)
            except UnreadableError:
                continue
            return same(apart, other.value, rule) if one is gold else same(other.value, apart, rule)
    return False


def said(reading: Reading) -> str:
    """Return what was understood, in one line."""
    return "mathematics that only Math-Verify may know" if reading.unknown else _shown(reading.value)


def _shown(value: Value) -> str:
    match value:
        case Scalar():
            return f"{value.value}{' %' if value.percent else ''}{f' {value.unit}' if value.unit else ''}"
        case Words(text):
            return f"the text {text!r}"
        case Based(digits, base):
            return f"{digits} in base {base}"
        case Named(name, inner):
            return f"{name} = {_shown(inner)}"
        case Region(points):
            return f"the points of {points}"
        case Matrix(rows, bars):
            inside = "; ".join(", ".join(map(_shown, row)) for row in rows)
            return f"the {'determinant' if bars else 'matrix'} [{inside}]"
        case Relation(sign, difference):
            return f"{difference} {sign} 0"
        case Collection(brackets, items):
            inside = ", ".join(map(_shown, items))
            if not brackets:
                return f"{inside} in any order"
            return f"{brackets[0]}{inside}{brackets[1]}"
