"""Are two values the same answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from prover.bench.mathematics.judge.numbers import same_expression, same_scalar
from prover.bench.mathematics.judge.regions import region
from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.judge.units import factors
from prover.bench.mathematics.judge.values import (
    LIST,
    SET,
    TUPLE,
    Based,
    Collection,
    Matrix,
    Named,
    Region,
    Relation,
    Scalar,
    Value,
    Words,
)
from prover.bench.mathematics.judge.vocabulary import CONSTANTS


def same(gold: Value, given: Value, rule: Rule) -> bool:
    """Is what was given the answer that was expected?"""
    if isinstance(gold, Named) and isinstance(given, Named) and gold.name == given.name:
        return same(gold.value, given.value, rule)
    if _same_by_names(gold, given, rule) or _same_by_names(given, gold, rule):
        return True
    if (one := _equation(gold, given)) and (other := _equation(given, gold)):
        return _same_relation(one, other)
    if isinstance(gold, Named) and isinstance(given, Named):
        return False
    gold, given = _alone(gold), _alone(given)
    if isinstance(gold, Region) or isinstance(given, Region):
        return _same_points(gold, given)
    match gold, given:
        case Scalar(), Scalar():
            return _same_quantity(gold, given, rule)
        case Based(), Based():
            return gold == given
        case Words(), Words():
            return gold == given
        case Words(), Scalar():
            return _spells(gold, given)
        case Scalar(), Words():
            return _spells(given, gold)
        case Collection(), Collection():
            return _same_collection(gold, given, rule)
        case Matrix(), Matrix():
            return gold.bars == given.bars and _same_rows(gold.rows, given.rows, rule)
        case Matrix(), Collection():
            return not gold.bars and (rows := _rows(given)) is not None and _same_rows(gold.rows, rows, rule)
        case Collection(), Matrix():
            return not given.bars and (rows := _rows(gold)) is not None and _same_rows(rows, given.rows, rule)
        case Relation(), Relation():
            return _same_relation(gold, given)
    return False


def _equation(value: Value, other: Value) -> Relation | None:
    """Return an equation; what is named is one beside another equation (`y = 1 - x`, `x + y = 1` or `x = 1 - y`)."""
    if isinstance(value, Relation):
        return value
    if isinstance(value, Named) and isinstance(value.value, Scalar) and isinstance(other, Relation | Named):
        return Relation("=", sympy.Symbol(value.name) - value.value.value)
    return None


def _alone(value: Value) -> Value:
    """Return a value without its name, and the one member of a set or of a printed list by itself."""
    if isinstance(value, Named):
        return _alone(value.value)
    if isinstance(value, Collection) and len(value.items) == 1 and (value.brackets == SET or value.printed):
        return _alone(value.items[0])
    return value


def _same_quantity(gold: Scalar, given: Scalar, rule: Rule) -> bool:
    if gold.clock and given.clock and gold.clock != given.clock:
        return False
    converted = [replace(given, value=given.value * factor) for factor in factors(gold.unit, given.unit)]
    if any(same_scalar(gold, each, rule) for each in converted):
        return True
    if not converted or (gold.letters is None and given.letters is None):
        return False
    left = gold.value if gold.letters is None else gold.letters
    right = given.value if given.letters is None else given.letters
    return same_expression(left, right)


def _spells(text: Words, value: Scalar) -> bool:
    """Is an expression the product of a word's letters? `abcd` was taken for a word."""
    word = text.text
    if not word.isalpha() or len(word) > 12 or not value.value.free_symbols:
        return False
    return same_expression(sympy.Mul(*(CONSTANTS.get(letter, sympy.Symbol(letter)) for letter in word)), value.value)


def _same_collection(gold: Collection, given: Collection, rule: Rule) -> bool:
    if len(gold.items) != len(given.items) and SET not in {gold.brackets, given.brackets}:
        return False
    if gold.printed and not given.printed:
        gold, given = given, gold
    unordered = {LIST, SET}
    if gold.brackets in unordered and (given.brackets in unordered or given.printed):
        return _same_members(gold.items, given.items, rule, once=SET in {gold.brackets, given.brackets})
    if gold.brackets == given.brackets or (given.printed and gold.brackets == TUPLE and given.brackets == "[]"):
        return len(gold.items) == len(given.items) and all(
            same(left, right, rule) for left, right in zip(gold.items, given.items, strict=True)
        )
    return False


def _same_members(gold: Sequence[Value], given: Sequence[Value], rule: Rule, *, once: bool) -> bool:
    """Are these the same members in any order? `once`: how often one occurs does not matter."""
    if once:
        return all(any(same(left, right, rule) for right in given) for left in gold) and all(
            any(same(left, right, rule) for left in gold) for right in given
        )
    left_over = list(given)
    for wanted in gold:
        place = next((place for place, each in enumerate(left_over) if same(wanted, each, rule)), None)
        if place is None:
            return False
        del left_over[place]
    return not left_over


def _same_by_names(one: Value, named: Value, rule: Rule) -> bool:
    """Does `x = 2, y = 3` give the parts of `(2, 3)`, or of `(x, y) = (2, 3)`?"""
    parts = _by_names(named)
    if parts is None:
        return False
    if (other := _by_names(one)) is not None:
        return other.keys() == parts.keys() and all(same(part, parts[name], rule) for name, part in other.items())
    if not (isinstance(one, Collection) and one.brackets == TUPLE and len(one.items) == len(parts)):
        return False
    names = sorted(parts) if all(len(name) == 1 for name in parts) else parts
    return all(same(part, parts[name], rule) for part, name in zip(one.items, names, strict=True))


def _by_names(value: Value) -> dict[str, Value] | None:
    """Return values by their names, if each has one of its own."""
    if isinstance(value, Named) and value.name.startswith("(") and isinstance(value.value, Collection):
        names, items = value.name.strip("()").split(","), value.value.items
        return dict(zip(names, items, strict=True)) if len(set(names)) == len(items) == len(names) else None
    if isinstance(value, Collection) and value.brackets == LIST:
        found = {part.name: part.value for part in value.items if isinstance(part, Named)}
        return found if len(found) == len(value.items) else None
    return None


def _rows(value: Collection) -> list[tuple[Value, ...]] | None:
    """Return the rows of `[[1, 2], [3, 4]]`; None if it is no such list."""
    rows = [row.items for row in value.items if isinstance(row, Collection) and row.brackets == value.brackets == "[]"]
    return rows if rows and len(rows) == len(value.items) else None


def _same_rows(gold: Sequence[Sequence[Value]], given: Sequence[Sequence[Value]], rule: Rule) -> bool:
    return [len(row) for row in gold] == [len(row) for row in given] and all(
        same(left, right, rule)
        for one, other in zip(gold, given, strict=True)
        for left, right in zip(one, other, strict=True)
    )


def _same_points(gold: Value, given: Value) -> bool:
    unknowns = {each.unknown for each in (gold, given) if isinstance(each, Region) and each.unknown}
    if len(unknowns) > 1:
        return False
    left, right = region(gold), region(given)
    if left is None or right is None:
        return False
    return bool(left == right or sympy.SymmetricDifference(left, right).is_empty)


def _same_relation(gold: Relation, given: Relation) -> bool:
    """Are the relations the same up to a factor, for an inequality a positive one?"""
    if gold.sign != given.sign:
        return False
    if same_expression(gold.difference, given.difference):
        return True
    ratio = sympy.simplify(gold.difference / given.difference)
    return bool(ratio.is_number and ratio.is_finite and (gold.sign == "=" or ratio.is_positive))
