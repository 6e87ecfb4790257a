"""What untrusted text may hold before Isabelle sees it. A first line: verification asks the kernel, not us."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.plain_text import plain_text
from prover.environments.syntax.isabelle.tokens import Kind, OuterSyntaxError, Token, tokens
from prover.environments.syntax.refusal import NO_TACTIC, Refusal

_SERVER_TAG = re.compile(
    r"<\s*(apply|allow|add|del|clone|delete|is|get|get_\w+|parse|initialise|list|proceed|accumulative\w*|local|global|total"
    r"|hammer|SEP|DEF)\b[^>\n]{0,40}>",
    re.IGNORECASE,
)


def proof_problem(text: str, *, gaps: bool = False) -> Refusal | None:
    """Return why `text` may not stand in a proof, or None. `gaps`: words that leave something open are fine."""
    try:
        found = [token for token in tokens(plain_text(text)) if token.proper]
    except OuterSyntaxError as error:
        return Refusal(f"not accepted as a proof: {error}")
    if _SERVER_TAG.search(text):
        return Refusal("the text holds a command to the server")
    open_words = commands.GIVING_UP | commands.GAPS
    for index, token in enumerate(found):
        if problem := _problem(token, found[index + 1 :]):
            return problem
    for token in found:
        if token.kind in (Kind.WORD, Kind.SYMBOL) and token.text in open_words and not gaps:
            return Refusal(f"the proof uses {token.text}", gives_up=True)
    return None if found else Refusal(NO_TACTIC)


def header_problem(header: str) -> str | None:
    """Return why `header` may not stand before a theorem, or None."""
    if refused := _first_of(header, commands.HEADER_REFUSED):
        return f"`{refused}` may not stand before the theorem"
    for token in tokens(header):
        if (
            _names(token) & (commands.CODE_NAMES | commands.ORACLE_NAMES)
            or "@{" in token.text
            or r"\<^ML" in token.text
        ):
            return f"`{token.text[:60]}` may not stand before the theorem"
    words = [token.text for token in tokens(header) if token.kind is Kind.WORD]
    if words.count("begin") != words.count("end"):
        return "a `begin` before the theorem has no `end`: the theorem has to stand in the theory itself"
    if _SERVER_TAG.search(header):
        return "the text holds a command to the server"
    return None


def statement_problem(statement: Sequence[Token]) -> str | None:
    """Return why the tokens behind `theorem` are not one statement without a proof, or None."""
    outside = (commands.OUTSIDE - {"includes"}) | commands.PROOF
    for token in statement:
        if token.kind in (Kind.WORD, Kind.SYMBOL) and token.text in outside:
            return f"`{token.text}` is not part of a statement"
        if _names(token) & (commands.CODE_NAMES | commands.ORACLE_NAMES):
            return f"`{token.text}` may not stand in a statement"
        if _SERVER_TAG.search(token.text):
            return "the text holds a command to the server"
    return None


def _problem(token: Token, rest: Sequence[Token]) -> Refusal | None:
    names = _names(token)
    if token.kind is Kind.WORD:
        wrong = token.text in commands.OUTSIDE and token.text not in commands.GIVING_UP | commands.GAPS
        if wrong:
            return Refusal(f"`{token.text}` may not stand in a proof")
    if names & commands.CODE_NAMES:
        return Refusal(f"`{token.content.strip()}` runs code")
    if names & commands.ORACLE_NAMES:
        return Refusal(f"`{token.content.strip()}` rests on an oracle, not on the kernel")
    if token.text == "[" and rest and rest[0].text == "[":
        option = rest[1].text if len(rest) > 1 else ""
        if option not in commands.OPTIONS:
            return Refusal(f"the option `{option}` may not be set in a proof")
    return None


def _names(token: Token) -> set[str]:
    """What a token may be the name of: Isabelle takes quoted names as well."""
    if token.kind in (Kind.WORD, Kind.STRING, Kind.BACKQUOTED, Kind.CARTOUCHE):
        name = token.content.strip()
        return {name, name.rpartition(".")[2]}
    return set()


def _first_of(text: str, words: Collection[str]) -> str | None:
    for token in tokens(text):
        if token.kind in (Kind.WORD, Kind.SYMBOL) and token.text in words:
            return token.text
    return None
