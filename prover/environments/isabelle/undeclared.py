"""Names of a statement that are declared nowhere: Isabelle takes them for variables, and says nothing.

In theory `Main`, `prime p` is about a predicate of one's own, and true of none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.environments.isabelle.terms import Node, read_proposition, variables_of
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.environments.syntax.isabelle.tokens import Kind, tokens
from prover.errors import EnvironmentProtocolError

_VARIABLE = re.compile(r"\??(?:[A-Za-z]|[a-z]s{1,2}|[a-z]{2}|\\<\^?\w+>)(?:\\<\^sub>)?[\d_']*")
"""How variables are called: a letter, a list of such (`xs`), two small letters; with digits and primes."""
_FUNCTION = re.compile(r"\??(?:[A-Za-z]|\\<\^?\w+>)(?:\\<\^sub>)?[\d_']*")
"""How variables for functions and predicates are called: a letter."""


def undeclared(statement: IsabelleStatement, propositions: Sequence[str]) -> tuple[str, ...]:
    """Return names that look like no variable, and that nothing in the statement makes one.

    `propositions`: the statement as the kernel has it, see `witness_ml`.
    """
    try:
        variables = [variables_of(read_proposition(each)) for each in propositions]
    except EnvironmentProtocolError:
        return ()
    declared = _declared(statement.text)
    found = {
        name: None
        for each in variables
        for name, type_ in each.items()
        if name not in declared and not (_FUNCTION if _is_function(type_) else _VARIABLE).fullmatch(name)
    }
    return tuple(found)


def _is_function(type_: Node) -> bool:
    return type_[:2] == ("T", "fun")


def _declared(text: str) -> frozenset[str]:
    """Return the words of a statement that stand outside of quotations: among them are its `fixes` and `for`.

    `obtains` declares the conclusion that it leaves open.
    """
    words = frozenset(token.text for token in tokens(text) if token.kind is Kind.WORD)
    return words | {"thesis"} if "obtains" in words else words
