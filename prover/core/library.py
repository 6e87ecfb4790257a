"""The theorems of a proof assistant's library, as data for choosing premises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LibraryTheorem:
    """A theorem: where it is, what its type mentions, and a key that is equal for equal statements.

    `module` and `symbols` are indexes into the library's lists. `head` is the head symbol of the conclusion;
    `explicit` the number of explicit arguments; `type` the statement as the assistant prints it, if that was asked for.
    """

    name: str
    module: int
    key: str
    head: str
    symbols: tuple[int, ...]
    explicit: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """All theorems that a set of imports provides.

    `modules`: name, and indexes of the modules imported directly. `orders`: indexes of theorems of one module, in the
    order in which it declares them; not every theorem is in one.
    """

    modules: tuple[tuple[str, tuple[int, ...]], ...]
    symbols: tuple[str, ...]
    theorems: tuple[LibraryTheorem, ...]
    orders: tuple[tuple[int, ...], ...] = ()


class LibrarySource(Protocol):
    """Gives the library of imports; may take seconds the first time."""

    async def __call__(self, imports: tuple[str, ...]) -> Library:
        """Return the library that these modules provide."""
