"""Types of the functions that a text defines, found by its words alone: use this for what Lean checks anyway."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from prover.environments.syntax.lean.statement import begins, full_name
from prover.environments.syntax.lean.tokens import Token, tokens

_ENDS = frozenset({":=", "|", "where"})


@dataclass(frozen=True, slots=True)
class Signature:
    """A function: types of the arguments that are given explicitly, of the result, and what is defined with it.

    `named`: how many of the arguments stand before the colon. `together`: the functions of its `mutual` block.
    `binders`: what stands before the colon, as it is written.
    """

    name: str
    arguments: tuple[str, ...]
    result: str
    named: int = 0
    together: tuple[str, ...] = ()
    binders: str = field(default="", compare=False)


def signatures(text: str) -> Iterator[Signature]:
    """Yield the functions that are defined by `def` and have a type."""
    found = tokens(text)
    block: list[Signature] | None = None
    for i, token in enumerate(found):
        if token.depth or not begins(found, i):
            continue
        if token.text == "mutual":
            block = []
        elif token.text == "end" and block is not None:
            together = tuple(each.name for each in block)
            yield from (replace(each, together=together) for each in block)
            block = None
        elif token.text == "def" and i + 1 < len(found):
            ends = (k for k in range(i + 2, len(found)) if found[k].text in _ENDS and not found[k].depth)
            signature = typed(text, found[i + 2 : next(ends, len(found))], full_name(found[i + 1].text, found[:i]))
            if signature.result and block is not None:
                block.append(signature)
            elif signature.result:
                yield signature


def typed(text: str, found: Sequence[Token], name: str) -> Signature:
    """Read the tokens between a name and what it stands for; the result is empty where no type is given."""
    colon = next((k for k, token in enumerate(found) if token.text == ":" and not token.depth), len(found))
    named = tuple(_named(text, found[:colon]))
    binders = text[found[0].start : found[colon - 1].end] if colon else ""
    type_ = found[colon + 1 :]
    if not type_:
        return Signature(name, named, "", len(named), binders=binders)
    arrows = [k for k, token in enumerate(type_) if token.text in ("→", "->") and not token.depth]
    edges = itertools.pairwise([-1, *arrows, len(type_)])
    parts = [text[type_[a + 1].start : type_[b - 1].end] for a, b in edges if a + 1 < b]
    return Signature(name, (*named, *parts[:-1]), parts[-1], len(named), binders=binders)


def _named(text: str, found: Sequence[Token]) -> Iterator[str]:
    """Yield the type of each argument that is named in round brackets."""
    for k, token in enumerate(found):
        if token.text != "(" or token.depth:
            continue
        close = next((m for m in range(k, len(found)) if found[m].text == ")" and not found[m].depth), len(found) - 1)
        colon = next((m for m in range(k, close) if found[m].text == ":" and found[m].depth == 1), close)
        yield from [text[found[colon].end : found[close].start].strip()] * (colon - k - 1)


def application(text: str) -> tuple[str, ...]:
    """Return the function and the arguments of an application, as they are written.

    >>> application("Mul (α × α)")
    ('Mul', '(α × α)')
    """
    before = itertools.pairwise(tokens(text))
    starts = [0, *(token.start for last, token in before if not token.depth and last.end < token.start)]
    return tuple(text[a:b].strip() for a, b in itertools.pairwise([*starts, len(text)]))
