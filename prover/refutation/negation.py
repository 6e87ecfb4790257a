"""The theorem that refutes a statement.

The statement becomes an axiom, so that Lean elaborates it as it stands, with its variables, notation and instances; the
refutation is a theorem about the type that Lean gave it. Its proof may not rest on the axiom: verification allows the
standard ones alone.

What the refutation says must not depend on the header's own syntax. So it uses no notation, and names from the root; a
header that could still change its meaning is left alone.
"""

from __future__ import annotations

import re

from prover.core.theorem import Theorem
from prover.environments.syntax.lean.statement import KEYWORDS, LeanStatement
from prover.environments.syntax.lean.tokens import tokens

NAME = "refutation"
_LEVEL = re.compile(r"\b(?:Type|Sort) (?:\()?([a-z]\w*)")
_CHANGES_MEANING = {
    *("macro", "macro_rules", "syntax", "declare_syntax_cat", "binder_predicate"),
    *("elab", "elab_rules", "elab_stx", "term_elab"),
    *("initialize", "builtin_initialize", "run_cmd", "run_elab", "run_meta"),
    "include",
}


def can_be_negated(theorem: Theorem) -> bool:
    """Is what `negated` says of this theorem what it seems to say?

    Syntax of the header's own could give the words of the refutation another meaning, and `include` another variable.
    """
    words = {token.text for token in tokens(theorem.body)}
    return not (words & _CHANGES_MEANING or "type_of%" in theorem.body or "_root_" in theorem.body)


def negated(theorem: Theorem, levels: int = 0, *, level: int = 0) -> Theorem:
    """Return the theorem that a statement is false; with `levels`, for its universes all being `level`.

    A statement about all universes is false if it is false in one.

    Raises:
        InvalidTheoremError: there is no statement in the text.
    """
    statement = LeanStatement.read(theorem.body)
    context, name, signature = _parts(statement.text)
    universes = f".{{{', '.join([str(level)] * levels)}}}" if levels else ""
    imports = "".join(f"import {module}\n" for module in theorem.imports if module != "Init")
    body = (
        f"{statement.header.rstrip()}\n\n{context}axiom {name}{signature}\n\n"
        f"theorem {NAME} (statement : type_of% @_root_.{statement.name}{universes}) : _root_.False\n"
        f"{statement.ending.strip()}"
    )
    return Theorem.from_text(f"{imports}{body.strip()}\n", forbid=theorem.forbid)


def levels_in(goal: str) -> tuple[int, int]:
    """Return how many universes a printed statement speaks of, and the one to look at: `Sort 1` is Type."""
    return len(set(_LEVEL.findall(goal))), int("Sort " in goal)


def _parts(text: str) -> tuple[str, str, str]:
    """Split a theorem into what stands before it with `in`, its name, and its binders and type."""
    found = tokens(text)
    word = next(i for i, token in enumerate(found) if token.text in KEYWORDS)
    context = max((token.end for token in found[:word] if token.text == "in"), default=0)
    name = found[word + 1]
    return f"{text[:context]}\n" if context else "", text[name.start : name.end], text[name.end :]
