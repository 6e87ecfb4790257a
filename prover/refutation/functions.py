"""Functions that are tried as counterexamples: constants, tables, and shapes that are neither.

A few of each size. What a false statement about functions needs is one that is not what it hopes for: not injective,
not monotone, not commutative, not what it is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prover.refutation.types import ARROW, TypeTerm

if TYPE_CHECKING:
    from prover.refutation.values import Size, Values

NUMBERS = frozenset({"Nat", "Int"})
_COMPARED = frozenset({*NUMBERS, "Fin", "Char", "String"})  # where `x == value` is computed
_ORDERED = frozenset({*NUMBERS, "Fin", "Bool"})
_LARGEST_TABLE = 4
_Shapes = dict[str, dict[int, tuple[str, ...]]]
_UNARY: _Shapes = {
    "Nat": {2: ("x + 1",), 3: ("2 * x", "x - 1"), 4: ("x * x", "x / 2", "x % 2")},
    "Int": {2: ("x + 1", "-x"), 3: ("2 * x", "x - 1"), 4: ("x * x", "x / 2")},
}
_BINARY: _Shapes = {
    "Nat": {2: ("x + y",), 3: ("x * y", "x - y"), 4: ("x * y + 1", "x + 2 * y")},
    "Int": {2: ("x + y", "x - y"), 3: ("x * y",), 4: ("x * y + 1",)},
}
_TESTS = {2: ("x == 0", "x % 2 == 0"), 3: ("x == 1", "x != 0")}


def functions(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    """Yield functions of a size; `arguments`: from what, to what."""
    domain, result = arguments
    yield from (f"(fun _ => {value})" for value in values.of(result, size))
    if size == 1 and domain == result:
        yield "(fun x => x)"
    if domain == result:
        yield from (f"(fun x => {body})" for body in _UNARY.get(domain.head, {}).get(size, ()))
    if result.head == "Prop":
        yield from _predicates(values, domain, size)
    elif result.head == ARROW and result.arguments[0] == domain:
        yield from _of_two(values, domain, result.arguments[1], size)
    elif result.head == "Bool" and domain.head in NUMBERS:
        yield from (f"(fun x => {test})" for test in _TESTS.get(size, ()))
    if domain.head == "List" and result.head == "Nat" and size == 1:
        yield "(fun x => x.length)"
    yield from _tables(values, domain, result, size)


def _tables(values: Values, domain: TypeTerm, result: TypeTerm, size: Size) -> Iterator[str]:
    """Yield functions that distinguish cases, with different values."""
    if domain.head == "Bool":
        for no, yes in values.tuples((result, result), size - 1):
            if no != yes:
                yield f"(fun x => bif x then {yes} else {no})"
    elif patterns := values.patterns(domain):
        for chosen in values.tuples([result] * len(patterns), size - 1) if len(patterns) <= _LARGEST_TABLE else ():
            if len(set(chosen)) > 1:
                cases = " ".join(f"| {pattern} => {value}" for pattern, value in zip(patterns, chosen, strict=True))
                yield f"(fun x => match x with {cases})"
    elif result.head == "Prop" or result.head == ARROW:
        return
    elif domain.head == "Fin" and (count := _count(domain)):
        for chosen in values.tuples([result] * count, size - 1):
            if len(set(chosen)) > 1:
                tests = "".join(f"bif x.val == {at} then {value} else " for at, value in enumerate(chosen[:-1]))
                yield f"(fun x => {tests}{chosen[-1]})"
    elif domain.head in _COMPARED:
        for at, here, elsewhere in values.tuples((domain, result, result), size - 1):
            if here != elsewhere:
                yield f"(fun x => bif x == {at} then {here} else {elsewhere})"


def _count(domain: TypeTerm) -> int:
    bound = domain.arguments[0].head if domain.arguments else ""
    return int(bound) if bound.isdigit() and int(bound) <= _LARGEST_TABLE else 0


def _predicates(values: Values, domain: TypeTerm, size: Size) -> Iterator[str]:
    if domain.head == "Prop" and size == 1:
        yield from ("(fun x => x)", "(fun x => ¬ x)")
    elif domain.head not in ("Prop", ARROW, "Type"):
        yield from (f"(fun x => x = {value})" for value in values.of(domain, size - 1))
        yield from (f"(fun x => x ≠ {value})" for value in values.of(domain, size - 2))
        if domain.head in NUMBERS and size == 2:
            yield from ("(fun x => 0 < x)", "(fun x => x % 2 = 0)")


def _of_two(values: Values, domain: TypeTerm, result: TypeTerm, size: Size) -> Iterator[str]:
    """Yield functions of two arguments of the same type."""
    if size == 1 and domain == result:
        yield "(fun x _ => x)"
    if domain == result:
        yield from (f"(fun x y => {body})" for body in _BINARY.get(domain.head, {}).get(size, ()))
    if result.head == "Prop":
        yield from _relations(values, domain, size)
    elif result.head == "Bool" and domain.head in _COMPARED and size == 2:
        yield "(fun x y => x == y)"
        if domain.head in _ORDERED:
            yield from ("(fun x y => decide (x ≤ y))", "(fun x y => decide (x < y))")


def _relations(values: Values, domain: TypeTerm, size: Size) -> Iterator[str]:
    if size == 1:
        yield "(fun x y => x = y)"
    if size == 2:
        yield "(fun x y => x ≠ y)"
        if domain.head in _ORDERED:
            yield from ("(fun x y => x ≤ y)", "(fun x y => x < y)")
    if size == 3 and domain.head in NUMBERS:
        yield "(fun x y => y = x + 1)"
    if domain.head not in ("Prop", ARROW, "Type"):
        yield from (f"(fun x _ => x = {value})" for value in values.of(domain, size - 2))
