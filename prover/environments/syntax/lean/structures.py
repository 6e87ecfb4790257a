"""Structures and classes that a text defines: what they extend, their operations and their laws, by its words alone.

As in commands.py, a text with syntax of its own can be misread: use this for what Lean checks anyway.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prover.environments.syntax.lean.inductives import ENDS, until
from prover.environments.syntax.lean.signatures import application
from prover.environments.syntax.lean.statement import begins, full_name
from prover.environments.syntax.lean.tokens import Token, tokens

_SAYS = frozenset("=≠<≤>≥∀∃↔∧∨¬∣∈")
"""The type of a field in which one of these occurs states something."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure or class: names of its parameters, parents with their arguments, own fields and which state laws.

    `proposition`: it is one, and all of its fields are laws.
    """

    name: str
    is_class: bool
    parameters: tuple[str, ...]
    parents: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]
    laws: frozenset[str]
    proposition: bool = False


def structures(text: str) -> Iterator[Structure]:
    """Yield what `structure` and `class` define."""
    found = tokens(text)
    for i, token in enumerate(found[:-1]):
        if token.text not in {"structure", "class"} or token.depth or not begins(found, i):
            continue
        name = full_name(found[i + 1].text, found[:i])
        inside = until(found[i + 2 :], ENDS)
        head = until(inside, {"where", ":="})
        proposition = any(
            colon.text == ":" and not colon.depth and of.text == "Prop" for colon, of in itertools.pairwise(head)
        )
        fields = [(names, proposition or _states(said)) for names, said in _fields(text, inside[len(head) + 1 :])]
        extended = next((k for k, each in enumerate(head) if each.text == "extends"), len(head))
        yield Structure(
            name,
            token.text == "class",
            tuple(_parameters(head[:extended])),
            tuple(_parents(text, head[extended + 1 :])),
            tuple(each for names, _ in fields for each in names),
            frozenset(each for names, law in fields if law for each in names),
            proposition,
        )


def _parameters(found: Sequence[Token]) -> Iterator[str]:
    """Yield the names before the colon in each pair of brackets that is no instance."""
    for k, token in enumerate(found):
        if token.depth or token.text not in {"(", "{"}:
            continue
        for each in found[k + 1 :]:
            if each.text in {":", ")", "}"}:
                break
            yield each.text


def _parents(text: str, found: Sequence[Token]) -> Iterator[tuple[str, ...]]:
    """Yield each parent with its arguments as they are written; commas separate them, and a colon ends them."""
    parent: list[Token] = []
    for token in [*until(found, {":"}), Token("symbol", ",", 0, 0)]:
        if token.text != "," or token.depth:
            parent.append(token)
        elif parent:
            yield application(text[parent[0].start : parent[-1].end])
            parent = []


def _fields(text: str, found: Sequence[Token]) -> Iterator[tuple[list[str], list[Token]]]:
    """Yield the names of fields and all that is said of them: each begins a line as far left as the first."""
    if found[1:2] and found[1].text == ":" and found[0].text == "mk":
        found = found[3:]
    if not found:
        return
    column = _column(text, found[0])
    starts = [k for k, token in enumerate(found) if k == 0 or (not token.depth and _begins_line(text, token, column))]
    for start, end in zip(starts, [*starts[1:], len(found)], strict=True):
        field = list(found[start:end])
        if field[0].text == "(":
            field = field[1:-1]
        names = [token.text for token in field]
        stop = next((k for k, token in enumerate(field) if token.kind != "word"), len(field))
        yield names[:stop], field[stop:]


def _column(text: str, token: Token) -> int:
    return token.start - text.rfind("\n", 0, token.start) - 1


def _begins_line(text: str, token: Token, column: int) -> bool:
    line = text.rfind("\n", 0, token.start) + 1
    return not text[line : token.start].strip() and token.start - line <= column


def _states(said: Sequence[Token]) -> bool:
    return any(token.text in _SAYS for token in said)
