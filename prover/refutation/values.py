"""Values of Lean types, smallest first, as terms that Lean reads where their type is known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prover.refutation.types import ARROW, PRODUCT, SUM, TypeTerm

LARGEST = 300  # size
_CHARACTERS = ("'a'", "'b'", "'A'", "'0'", "' '")
_STRINGS = ('""', '"a"', '"b"', '"ab"', '"A"')
_TYPES = ("Bool", "Nat", "Unit", "Empty")
_NUMBERS = frozenset({"Nat", "Int"})
_MACHINE = {f"{sign}{bits}": bits for sign in ("UInt", "Int") for bits in (8, 16, 32, 64)} | {"USize": 64}

Size = int
"""What a value costs in the order of trial: numbers their absolute value, structures the sum of their parts and one."""


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor of a type of the user's own."""

    name: str
    fields: tuple[TypeTerm, ...]


Constructors = dict[str, tuple[Constructor, ...]]
"""The constructors of the user's own types, by the printed type."""


class Values:
    """Values of types, with the user's own types among them."""

    def __init__(self, constructors: Constructors | None = None) -> None:
        self._own = constructors or {}
        self.of = functools.cache(self._of)

    def known(self, type_: TypeTerm) -> bool:
        """Are there values of this type that we can write down?"""
        return any(self.of(type_, size) for size in range(4))

    def _of(self, type_: TypeTerm, size: Size) -> tuple[str, ...]:
        """Return the values of just this size."""
        if size < 0 or size > LARGEST:
            return ()
        if own := self._own.get(str(type_)):
            return tuple(term for constructor in own for term in self._constructed(constructor, size))
        if maker := _MAKERS.get(type_.head):
            return tuple(maker(self, type_.arguments, size))
        if type_.head in _MACHINE:
            return _machine(size)
        return ()

    def _constructed(self, constructor: Constructor, size: Size) -> Iterator[str]:
        if not constructor.fields:
            return iter([constructor.name] if size == 0 else [])
        return (f"({constructor.name} {' '.join(parts)})" for parts in self.tuples(constructor.fields, size - 1))

    def tuples(self, types: Sequence[TypeTerm], size: Size) -> Iterator[tuple[str, ...]]:
        """Yield values of several types whose sizes add up to `size`."""
        if not types:
            if size == 0:
                yield ()
            return
        first, *rest = types
        for own in range(size + 1):
            if values := self.of(first, own):
                for others in self.tuples(rest, size - own):
                    yield from ((value, *others) for value in values)


Maker = Callable[[Values, Sequence[TypeTerm], Size], Iterator[str]]


def _listed(*terms: str) -> Maker:
    def made(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
        yield from terms[size : size + 1]

    return made


def _naturals(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    yield str(size)


def _integers(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    yield str(size)
    if size:
        yield f"(-{size})"


def _machine(size: Size) -> tuple[str, ...]:
    return (str(size), f"(-{size})") if size else ("0",)


def _below(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    bound = arguments[0].head if arguments else ""
    if not bound.isdigit() or size < int(bound):
        yield f"⟨{size}, by decide⟩"


def _bits(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    yield f"(BitVec.ofNat _ {size})"
    if size:
        yield f"(-BitVec.ofNat _ {size})"


def _options(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    if size == 0:
        yield "none"
    yield from (f"(some {value})" for value in values.of(arguments[0], size - 1))


def _sequences(opening: str) -> Maker:
    def made(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
        for length in range(size + 1):
            for parts in values.tuples([arguments[0]] * length, size - length):
                yield f"{opening}{', '.join(parts)}]"

    return made


def _pairs(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    return (f"({', '.join(parts)})" for parts in values.tuples(arguments, size))


def _either(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    for word, type_ in zip(("inl", "inr"), arguments, strict=False):
        yield from (f"(.{word} {value})" for value in values.of(type_, size))


def _functions(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    """Constants, then shapes that are not: predicates, the identity, the successor, tables over Bool."""
    domain, result = arguments
    yield from (f"(fun _ => {value})" for value in values.of(result, size))
    if size == 1 and domain == result:
        yield "(fun x => x)"
    if size == 2 and domain == result and domain.head in _NUMBERS:
        yield "(fun x => x + 1)"
    if result.head == "Prop":
        yield from _predicates(values, domain, size)
    elif result.head == ARROW and result.arguments[0] == domain and result.arguments[1].head == "Prop":
        yield from _relations(domain, size)
    elif domain.head == "Bool":
        for no, yes in values.tuples((result, result), size - 1):
            if no != yes:
                yield f"(fun x => bif x then {yes} else {no})"
    elif result.head == "Bool" and size == 2 and domain.head in _NUMBERS:
        yield from ("(fun x => x == 0)", "(fun x => x % 2 == 0)")


def _predicates(values: Values, domain: TypeTerm, size: Size) -> Iterator[str]:
    if domain.head == "Prop" and size == 1:
        yield from ("(fun x => x)", "(fun x => ¬ x)")
    elif domain.head not in ("Prop", ARROW, "Type"):
        yield from (f"(fun x => x = {value})" for value in values.of(domain, size - 1))
        yield from (f"(fun x => x ≠ {value})" for value in values.of(domain, size - 2))
        if domain.head in _NUMBERS and size == 2:
            yield from ("(fun x => 0 < x)", "(fun x => x % 2 = 0)")


def _relations(domain: TypeTerm, size: Size) -> Iterator[str]:
    if size == 1:
        yield "(fun x y => x = y)"
    if size == 2:
        yield "(fun x y => x ≠ y)"
        if domain.head in {*_NUMBERS, "Fin", "Bool"}:
            yield from ("(fun x y => x ≤ y)", "(fun x y => x < y)")
    if size == 3 and domain.head in _NUMBERS:
        yield "(fun x y => y = x + 1)"


_MAKERS: dict[str, Maker] = {
    "Nat": _naturals,
    "Int": _integers,
    "Bool": _listed("false", "true"),
    "Prop": _listed("True", "False"),
    "Unit": _listed("()"),
    "PUnit": _listed("⟨⟩"),
    "Char": _listed(*_CHARACTERS),
    "String": _listed(*_STRINGS),
    "Type": _listed(*_TYPES),
    "Fin": _below,
    "BitVec": _bits,
    "Option": _options,
    "List": _sequences("["),
    "Array": _sequences("#["),
    PRODUCT: _pairs,
    "Prod": _pairs,
    SUM: _either,
    "Sum": _either,
    ARROW: _functions,
}
