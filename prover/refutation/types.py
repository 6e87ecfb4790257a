"""Types as Lean prints them, taken apart as far as values of them can be written down."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prover.environments.syntax.lean.tokens import Token, tokens

ARROW, PRODUCT, SUM = "→", "×", "⊕"
_INFIX = (ARROW, SUM, PRODUCT)  # the loosest first; all of them lean to the right
_OPAQUE = frozenset({"∀", "∃", "fun", "let", "if"})
_CLOSING = {"(": ")", "{": "}"}
_NOTATION = {"ℕ": "Nat", "ℤ": "Int", "ℚ": "Rat", "ℝ": "Real"}
"""Mathlib's, for types that have values here."""


@dataclass(frozen=True, slots=True)
class TypeTerm:
    """A head with arguments: `List Nat`, `Nat → Bool` (head `→`), `Nat × Bool` (head `×`)."""

    head: str
    arguments: tuple[TypeTerm, ...] = ()

    def __str__(self) -> str:
        """The type as Lean reads it."""
        if not self.arguments:
            return self.head
        if self.head in _INFIX:
            return "(" + f" {self.head} ".join(map(str, self.arguments)) + ")"
        return "(" + " ".join(map(str, (self.head, *self.arguments))) + ")"

    def substituted(self, values: Mapping[str, TypeTerm]) -> TypeTerm:
        """Return the type with variables replaced."""
        if not self.arguments:
            return values.get(self.head, self)
        return TypeTerm(self.head, tuple(argument.substituted(values) for argument in self.arguments))


def read_type(text: str) -> TypeTerm | None:
    """Return a type, or None for one that is more than applications, arrows, products and sums.

    What else stands in parentheses or braces is kept as it is, such as `(n + 1)` and `{ n // 0 < n }`.
    """
    found = tokens(text)
    return None if any(token.text in _OPAQUE for token in found) else _read(found)


def _read(found: Sequence[Token]) -> TypeTerm | None:
    if not found:
        return None
    depth = min(token.depth for token in found)
    for infix in _INFIX:
        at = next((i for i, token in enumerate(found) if token.text == infix and token.depth == depth), None)
        if at is not None:
            sides = _read(found[:at]), _read(found[at + 1 :])
            return TypeTerm(infix, (sides[0], sides[1])) if sides[0] and sides[1] else None
    atoms = _atoms(found, depth)
    if not atoms:
        return None
    head, *arguments = atoms
    return TypeTerm(head.head, (*head.arguments, *arguments)) if arguments else head


def _atoms(found: Sequence[Token], depth: int) -> list[TypeTerm]:
    """Return the head and the arguments of an application; nothing if a symbol stands among them."""
    atoms: list[TypeTerm] = []
    at = 0
    while at < len(found):
        token = found[at]
        end = at + 1
        if closing := _CLOSING.get(token.text):
            end = 1 + next(i for i in range(at + 1, len(found)) if found[i].text == closing and found[i].depth == depth)
            inner = _read(found[at + 1 : end - 1]) if closing == ")" else None
            inner = inner or TypeTerm(_text(found[at:end]))
        else:
            inner = TypeTerm(_NOTATION.get(token.text, token.text)) if token.kind in ("word", "number") else None
        if inner is None:
            return []
        atoms.append(inner)
        at = end
    return atoms


def _text(found: Sequence[Token]) -> str:
    """Return tokens as they stood, each gap a space."""
    gaps = [" " if before.end < after.start else "" for before, after in itertools.pairwise(found)]
    return "".join(token.text + gap for token, gap in zip(found, [*gaps, ""], strict=True))
