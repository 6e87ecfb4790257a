"""Values of Lean types, smallest first, as terms that Lean reads where their type is known."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prover.refutation.functions import functions
from prover.refutation.types import ARROW, PRODUCT, SUM, TypeTerm

LARGEST = 300  # size
PROOF = "(by decide)"
_EXTREMES = 3  # size of the extremes of machine numbers
_LONGEST_WORD = 3
_CHARACTERS = ("'a'", "'b'", "'A'", "'0'", "' '", "'é'", "'\\x00'")
_STRINGS = ('"A"', '"0"', '" "', '"a b"', '"é"', '"01"')  # beside the words over a and b
_TYPES = ("Bool", "Nat", "Unit", "Empty")
_MACHINE = {f"{sign}{bits}": bits for sign in ("UInt", "Int") for bits in (8, 16, 32, 64)} | {"USize": 64}

Size = int
"""What a value costs in the order of trial: numbers their absolute value, structures the sum of their parts and one."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a constructor takes: a value of a type, which may mention the fields before it, or a proof (no type)."""

    name: str
    type: TypeTerm | None


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor of a type of the user's own."""

    name: str
    fields: tuple[Field, ...]


Constructors = dict[str, tuple[Constructor, ...]]
"""The constructors of the user's own types, by the printed type."""


class Values:
    """Values of types, with the user's own types among them.

    `landmarks`: numbers that are worth a try whatever their size, for they have to do with those of the statement.
    """

    def __init__(self, constructors: Constructors | None = None, landmarks: Sequence[int] = ()) -> None:
        self._own = constructors or {}
        self.landmarks = tuple(landmarks)
        self.of = functools.cache(self._of)

    def patterns(self, type_: TypeTerm) -> tuple[str, ...]:
        """Return a pattern for each constructor of a type, if they are known."""
        if own := self._own.get(str(type_)):
            return tuple(" ".join([constructor.name, *"_" * len(constructor.fields)]) for constructor in own)
        return _PATTERNS.get(type_.head, ())

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
            return _machine(self, _MACHINE[type_.head], size)
        return ()

    def _constructed(self, constructor: Constructor, size: Size) -> Iterator[str]:
        if not constructor.fields:
            return iter([constructor.name] if size == 0 else [])
        return (f"({constructor.name} {' '.join(parts)})" for parts in self._filled(constructor.fields, size - 1, {}))

    def _filled(self, fields: Sequence[Field], size: Size, so_far: dict[str, TypeTerm]) -> Iterator[tuple[str, ...]]:
        """Yield values for the fields whose sizes add up to `size`."""
        if not fields:
            if size == 0:
                yield ()
            return
        first, *rest = fields
        if first.type is None:
            yield from ((PROOF, *others) for others in self._filled(rest, size, so_far))
            return
        type_ = first.type.substituted(so_far)
        for own in range(size + 1):
            for value in self.of(type_, own):
                for others in self._filled(rest, size - own, {**so_far, first.name: TypeTerm(value)}):
                    yield (value, *others)

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


def _numbers(values: Values, size: Size) -> tuple[int, ...]:
    """Return the number of this size, and what comes early for another reason."""
    landmark = values.landmarks[size - 1] if 0 < size <= len(values.landmarks) else size
    return (size, landmark) if landmark != size else (size,)


def _naturals(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    return map(str, _numbers(values, size))


def _integers(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    for number in _numbers(values, size):
        yield str(number)
        if number:
            yield f"(-{number})"


def _fractions(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    """Whole numbers, and between them the halves and the like: one over the size."""
    yield from _integers(values, arguments, size)
    if size > 1:
        yield from (f"(1 / {size})", f"(-1 / {size})")


def _machine(values: Values, bits: int, size: Size) -> tuple[str, ...]:
    """Numbers, and early the largest and the smallest that have a sign."""
    extremes = (2 ** (bits - 1) - 1, 2 ** (bits - 1)) if size == _EXTREMES else ()
    numbers = (number for number in (*_numbers(values, size), *extremes) if number < 2**bits)
    return tuple(text for number in numbers for text in ((str(number), f"(-{number})") if number else ("0",)))


def _below(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    bound = arguments[0].head if arguments else ""
    if not bound.isdigit() or size < int(bound):
        yield f"⟨{size}, by decide⟩"


def _bits(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    width = arguments[0].head if arguments else ""
    numbers = _machine(values, int(width) if width.isdigit() and 0 < int(width) < 1000 else 64, size)
    return (
        f"({text.strip('()').replace('-', '-BitVec.ofNat _ ')})" if "-" in text else f"(BitVec.ofNat _ {text})"
        for text in numbers
    )


def _strings(values: Values, arguments: Sequence[TypeTerm], size: Size) -> Iterator[str]:
    """Words over a and b by their length, and after those of one letter some others."""
    if size <= _LONGEST_WORD:
        yield from (f'"{"".join(letters)}"' for letters in itertools.product("ab", repeat=size))
    yield from _STRINGS[size - 2 : size - 1] if size > 1 else ()


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


_PATTERNS = {
    "Option": ("none", "some _"),
    "List": ("[]", "_ :: _"),
    "Sum": (".inl _", ".inr _"),
    SUM: (".inl _", ".inr _"),
}
_MAKERS: dict[str, Maker] = {
    "Nat": _naturals,
    "Int": _integers,
    "Rat": _fractions,
    "Real": _fractions,
    "Bool": _listed("false", "true"),
    "Prop": _listed("True", "False"),
    "Unit": _listed("()"),
    "PUnit": _listed("⟨⟩"),
    "Char": _listed(*_CHARACTERS),
    "String": _strings,
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
    ARROW: functions,
}
