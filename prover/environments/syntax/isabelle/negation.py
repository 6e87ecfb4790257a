r"""The theorem that refutes a statement: from the statement, with its variables quantified, follows `False`.

It is put together from text, so nothing may be concluded from it before Isabelle has been asked whether it is about the
statement (`denies` in environments/isabelle/terms.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.environments.syntax.isabelle.tokens import Kind, Token, tokens

NAME = "refutation"
_SORT = r"(?:\s*::\s*(?:\{[^}]*\}|[A-Za-z][\w.']*))?"
_PROPOSITION = (Kind.STRING, Kind.CARTOUCHE)
_ELEMENTS = ("fixes", "assumes", "shows")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The types that variables are given, the assumptions, and the conclusion."""

    types: Mapping[str, str]
    assumptions: tuple[str, ...]
    conclusion: str


def refutation_text(
    statement: IsabelleStatement, variables: Sequence[str], types: Mapping[str, str], instances: Mapping[str, str]
) -> str | None:
    """Return the statement of the refutation, or None if the statement is of another form than we can negate.

    `types`: those that variables have to be given; `instances`: types for type variables.
    """
    parts = _parts(statement)
    if parts is None or '"' in "".join((*parts.assumptions, parts.conclusion)):
        return None
    given = {**parts.types, **types}
    names = " ".join(f"({name}::{given[name]})" if name in given else name for name in variables)
    propositions = (*parts.assumptions, parts.conclusion)
    body = r" \<Longrightarrow> ".join(f"({text})" for text in propositions) if parts.assumptions else parts.conclusion
    quantified = rf"\<And>{names}. {body}" if names else body
    for variable, type_ in instances.items():
        quantified = re.sub(rf"(?<![\w'])'{re.escape(variable.lstrip(chr(39)))}(?![\w']){_SORT}", type_, quantified)
    return f'theorem {NAME}:\n  assumes statement: "{quantified}"\n  shows False'


def at_values(values: Mapping[str, str]) -> str:
    """Return the statement's instance as a fact of the refutation: `statement[where a = "0"]`."""
    if not values:
        return "statement"
    chosen = " and ".join(f'{_schematic(name)} = "{value}"' for name, value in values.items())
    return f"statement[where {chosen}]"


def _schematic(name: str) -> str:
    """Return a variable's name as `where` takes it: digits at the end would count as an index."""
    return f"?{name}.0" if name[-1:].isdigit() else name


def _parts(statement: IsabelleStatement) -> _Parts | None:
    found = [token for token in tokens(statement.text) if token.proper][2:]  # behind `theorem` and its name
    if found and found[0].text == "[":
        end = next((i for i, token in enumerate(found) if token.text == "]"), len(found))
        found = found[end + 1 :]
    found = found[1:]  # the colon
    if len(found) == 1 and found[0].kind in _PROPOSITION:
        return _Parts({}, (), found[0].content)
    types: dict[str, str] = {}
    propositions: dict[str, list[str]] = {"assumes": [], "shows": []}
    for element, group in _groups(found):
        if element == "fixes" and all(token.text != "(" for token in group):  # no notation of its own
            names, type_ = _fixed(group)
            types |= dict.fromkeys(names, type_) if type_ else {}
        elif element in propositions and (text := _proposition(group)) is not None:
            propositions[element].append(text)
        else:
            return None
    if len(propositions["shows"]) != 1:
        return None
    return _Parts(types, tuple(propositions["assumes"]), propositions["shows"][0])


def _groups(found: Sequence[Token]) -> list[tuple[str, list[Token]]]:
    """Return what stands behind `fixes`, `assumes`, `shows` and each `and`, with the first of these words."""
    groups: list[tuple[str, list[Token]]] = []
    for token in found:
        if token.kind is Kind.WORD and token.text in _ELEMENTS:
            groups.append((token.text, []))
        elif token.text == "and" and groups:
            groups.append((groups[-1][0], []))
        elif groups:
            groups[-1][1].append(token)
        else:
            groups.append(("", [token]))
    return groups


def _fixed(group: Sequence[Token]) -> tuple[tuple[str, ...], str]:
    """Return variables that are fixed, and their type if one is given: `x y :: nat`."""
    words = [token.text for token in group]
    at = next((i for i, token in enumerate(group) if token.text in ("::", ":")), len(group))
    type_ = " ".join(token.content for token in group[at:]).replace(":", " ").strip()
    return tuple(words[:at]), type_


def _proposition(group: Sequence[Token]) -> str | None:
    """Return the single proposition of a group, which may have a name before it."""
    if len(group) == 3 and group[1].text == ":":
        group = group[2:]
    return group[0].content if len(group) == 1 and group[0].kind in _PROPOSITION else None
