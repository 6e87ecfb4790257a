"""Words and symbols of Lean text. For finding places; what decides about untrusted text does not rest on it alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prover.core.theorem import comment_end

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>--[^\n]*|/-)"
    r'|(?P<string>r(?P<hashes>#+)"(?s:.*?)"(?P=hashes)|r"[^"]*"|"(?:\\(?s:.)|[^"\\])*")'
    r"|(?P<word>#?(?:«[^»]*»|[^\W\d][\w'!?]*)(?:\.(?:«[^»]*»|[^\W\d][\w'!?]*))*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<symbol>:=|=>|<;>|(?s:.))"
)
OPENING, CLOSING = frozenset("([{⟨⦃"), frozenset(")]}⟩⦄")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, string or symbol, where it stands, and in how many brackets."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def tokens(text: str) -> list[Token]:
    """Return all tokens but white space and comments."""
    return [token for token in _scan(text) if token.kind not in ("space", "comment")]


def words(text: str) -> tuple[str, ...]:
    """Return the tokens' texts: equal for texts that differ in white space and comments only."""
    return tuple(token.text for token in tokens(text))


def without_comments(text: str) -> str:
    """Return the text with a blank for each comment, and line breaks where they were."""
    return "".join(
        (" " + "\n" * token.text.count("\n")) if token.kind == "comment" else token.text for token in _scan(text)
    )


def _scan(text: str) -> Iterator[Token]:
    at = depth = 0
    while found := _TOKEN.match(text, at):
        kind, end = str(found.lastgroup if found.lastgroup != "hashes" else "string"), found.end()
        if found[0] == "/-":
            end = comment_end(text, at)
        if found[0] in CLOSING:
            depth -= 1
        yield Token(kind, text[at:end], at, depth)
        if found[0] in OPENING:
            depth += 1
        at = end
