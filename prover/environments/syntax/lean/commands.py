"""Where the commands of a file begin and what they declare, by its words alone.

That can be wrong where a file has syntax of its own. So nothing is believed of it that Lean does not confirm: a piece
that is no whole number of commands does not elaborate, and then the file is one piece.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from prover.environments.syntax.lean.screening import COMMANDS
from prover.environments.syntax.lean.statement import KEYWORDS, begins, command_start, full_name
from prover.environments.syntax.lean.tokens import Token, tokens

HOLES = frozenset({"sorry", "admit"})
DEFINITIONS = frozenset({"def", "abbrev", "instance", "opaque", "structure", "class", "inductive"})
_NO_PROOFS = frozenset(
    {"macro", "macro_rules", "notation", "notation3", "infix", "infixl", "infixr", "prefix", "postfix", "syntax",
     "elab", "elab_rules", "axiom", "variable", "initialize", "simproc", "dsimproc"}
)  # fmt: skip
_STARTS = (COMMANDS | KEYWORDS | {"open", "set_option", "omit", "include", "local", "scoped"}) - {"deriving"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some commands of a file: their text, and where it begins (a place in the file, and a line counted from 0)."""

    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def pieces(text: str) -> tuple[Piece, ...]:
    """Split a text so that each command with a `sorry` stands alone; what is between them stays together."""
    found = tokens(text)
    holes = [token.start for token in found if token.text in HOLES]
    edges = [0, *sorted(place for place in _boundaries(text, found) if place), len(text)]
    kept = {0, len(text)}
    for hole in holes:
        at = bisect_right(edges, hole)
        kept |= {edges[at - 1], edges[at]}
    places = sorted(kept)
    cut = [(a, b) for a, b in itertools.pairwise(places) if text[a:b].strip()]
    return tuple(Piece(text[a:b], a, text.count("\n", 0, a)) for a, b in cut)


def declaration_at(text: str, place: int) -> str | None:
    """Return the full name of the declaration around a place, its keyword if it has no name, or None outside of any."""
    found = [token for token in tokens(text) if token.start < place]
    for i in range(len(found) - 1, -1, -1):
        word = found[i].text
        if found[i].depth or not begins(found, i):
            continue
        if _first(text, found[i].start) and (word in _NO_PROOFS or _asks(word)):
            return None
        if word in KEYWORDS | DEFINITIONS:
            name = name_place(found, i)
            return full_name(found[name].text, found[:i]) if name is not None else word
    return None


@dataclass(frozen=True, slots=True)
class Declared:
    """A text in which every theorem and instance has a name, and the full names: of theorems, and of definitions."""

    text: str
    theorems: tuple[str, ...]
    definitions: tuple[str, ...]


def declared(text: str) -> Declared:
    """Give names to examples and instances without one, and list what is declared."""
    found = tokens(text)
    theorems: list[str] = []
    definitions: list[str] = []
    parts, at = [], 0
    for i, token in enumerate(found):
        if token.text not in KEYWORDS | {"def", "abbrev", "instance"} or token.depth or not begins(found, i):
            continue
        into = definitions if token.text not in KEYWORDS else theorems
        place = name_place(found, i)
        if place is not None:
            name = found[place].text
        elif token.text in ("example", "instance"):
            name = f"prover_{token.text}_{len(theorems) + len(definitions) + 1}"
            head = "theorem" if token.text == "example" else text[token.start : after_priority(found, i)]
            parts += [text[at : token.start], f"{head} {name}"]
            at = token.end if token.text == "example" else after_priority(found, i)
        else:
            continue
        into.append(full_name(name, found[:i]))
    return Declared("".join([*parts, text[at:]]), tuple(theorems), tuple(definitions))


def _boundaries(text: str, found: list[Token]) -> set[int]:
    """Return the places at the start of a line where a command begins, its documentation included."""
    places: set[int] = set()
    mutual = False
    for i, token in enumerate(found):
        if token.depth or not _first(text, token.start):
            continue
        if mutual:
            mutual = token.text != "end"
            continue
        attributes = token.text == "@" and i + 1 < len(found) and found[i + 1].text == "["
        if not attributes and token.text not in _STARTS and not _asks(token.text):
            continue
        mutual = token.text == "mutual"
        first = command_start(found, i)
        place = found[first].start
        before = found[first - 1].end if first else 0
        comment = text.rfind("/--", before, place)
        place = comment if comment >= 0 else place
        if _first(text, place):
            places.add(place)
    return places


def _asks(word: str) -> bool:
    """Is it a command such as `#check`?"""
    return word.startswith("#") and len(word) > 1


def _first(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] == "\n"


def name_place(found: Sequence[Token], i: int) -> int | None:
    """Return the number of the token that names what is declared at token `i`, or None if it has no name."""
    at = i + 1
    if found[i].text == "example":
        return None
    if found[i].text == "instance":
        end = found[i].end if (after := after_priority(found, i)) == found[i].end else after
        at = next((k for k in range(i + 1, len(found)) if found[k].start >= end), len(found))
    return at if at < len(found) and found[at].kind == "word" else None


def after_priority(found: Sequence[Token], i: int) -> int:
    """Return where `instance`, with a priority in brackets if it has one, ends."""
    if i + 2 < len(found) and found[i + 1].text == "(" and found[i + 2].text == "priority":
        closing = (t for t in found[i + 3 :] if t.text == ")" and t.depth == found[i + 1].depth)
        if (last := next(closing, None)) is not None:
            return last.end
    return found[i].end
