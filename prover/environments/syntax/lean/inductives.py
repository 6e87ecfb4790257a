"""Types and predicates that a text defines by their constructors, found by its words alone.

As in commands.py, a text with syntax of its own can be misread: use this for what Lean checks anyway.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from prover.environments.syntax.lean.screening import COMMANDS
from prover.environments.syntax.lean.signatures import Signature, typed
from prover.environments.syntax.lean.statement import KEYWORDS, begins, full_name
from prover.environments.syntax.lean.tokens import Token, tokens

ENDS = (COMMANDS | KEYWORDS | {"open", "set_option", "mutual", "deriving", "local", "scoped"}) - {"where"}


@dataclass(frozen=True, slots=True)
class Inductive:
    """The full name of a type, and its constructors. `predicate`: what it defines are propositions.

    `parameters`: what stands before the colon, as it is written.
    """

    name: str
    signatures: tuple[Signature, ...]
    predicate: bool
    parameters: str = ""

    @property
    def constructors(self) -> tuple[str, ...]:
        """Return the full names of the constructors."""
        return tuple(signature.name for signature in self.signatures)


def inductives(text: str) -> Iterator[Inductive]:
    """Yield what `inductive` and `structure` define."""
    found = tokens(text)
    for i, token in enumerate(found[:-1]):
        if token.text not in {"inductive", "structure"} or token.depth or not begins(found, i):
            continue
        name = full_name(found[i + 1].text, found[:i])
        inside = until(found[i + 2 :], ENDS)
        signature = until(inside, {"where", "|", ":="})
        predicate = bool(signature) and signature[-1].text == "Prop"
        bars = [k for k, each in enumerate(inside) if each.text == "|" and not each.depth]
        parts = [inside[a + 1 : b] for a, b in itertools.pairwise([*bars, len(inside)])]
        read = (
            typed(text, part[1:], f"{name}.{part[0].text.removeprefix('.')}")
            for part in parts
            if part and part[0].kind == "word"
        )
        yield Inductive(name, tuple(read), predicate, typed(text, signature, name).binders)


def until(found: Sequence[Token], ends: Collection[str]) -> list[Token]:
    """Return the tokens before the first of these words that stands in no brackets."""
    stop = next((k for k, token in enumerate(found) if token.text in ends and not token.depth), len(found))
    return list(found[:stop])
