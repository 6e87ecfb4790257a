"""Types and predicates that a text defines by their constructors, found by its words alone.

As in commands.py, a text with syntax of its own can be misread: use this for what Lean checks anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prover.environments.syntax.lean.screening import COMMANDS
from prover.environments.syntax.lean.statement import KEYWORDS, begins, full_name
from prover.environments.syntax.lean.tokens import Token, tokens

_ENDS = (COMMANDS | KEYWORDS | {"open", "set_option", "mutual", "deriving", "local", "scoped"}) - {"where"}


@dataclass(frozen=True, slots=True)
class Inductive:
    """Full names of a type and of its constructors. `predicate`: what it defines are propositions."""

    name: str
    constructors: tuple[str, ...]
    predicate: bool


def inductives(text: str) -> Iterator[Inductive]:
    """Yield what `inductive` and `structure` define."""
    found = tokens(text)
    for i, token in enumerate(found[:-1]):
        if token.text not in {"inductive", "structure"} or token.depth or not begins(found, i):
            continue
        name = full_name(found[i + 1].text, found[:i])
        inside = list(_until(found[i + 2 :], _ENDS))
        signature = list(_until(inside, {"where", "|", ":="}))
        predicate = bool(signature) and signature[-1].text == "Prop"
        bars = [k for k, each in enumerate(inside) if each.text == "|" and not each.depth]
        words = [inside[k + 1].text for k in bars if k + 1 < len(inside) and inside[k + 1].kind == "word"]
        yield Inductive(name, tuple(f"{name}.{word.removeprefix('.')}" for word in words), predicate)


def _until(found: list[Token], ends: set[str] | frozenset[str]) -> Iterator[Token]:
    for token in found:
        if token.text in ends and not token.depth:
            return
        yield token
