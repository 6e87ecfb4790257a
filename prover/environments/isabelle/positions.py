"""Lines in Isabelle's messages: they count in the text that we sent, and users have another."""

from __future__ import annotations

import re
from pathlib import PurePath

from prover.environments.syntax.isabelle.statement import IsabelleStatement, indented

_POSITION = re.compile(r' ?\(line (?P<line>\d+)(?: of "(?P<file>[^"]*)")?\)')


def in_users_lines(
    message: str, sent: str, statement: IsabelleStatement, proof: str = "", *, file: str | None = None
) -> str:
    """Return a message about a text that was sent with the lines of the user's; what was no user's has none.

    `file`: name of the file that the text was in, if it was in one. Positions elsewhere, as in Isabelle's own files,
    are left.
    """
    lines = statement.lines
    parts = _found(
        sent,
        (statement.header, lines.header, ""),
        (statement.text, lines.statement, ""),
        (indented(proof), lines.proof or 1, "" if lines.proof else " of the proof"),
    )

    def theirs(found: re.Match[str]) -> str:
        if file != (found["file"] and PurePath(found["file"]).name):
            return found[0]
        line = int(found["line"])
        for at, text, first, whose in parts:
            if at <= line <= at + text.count("\n"):
                return f" (line {first + line - at}{whose})"
        return ""

    return _POSITION.sub(theirs, message)


def _found(sent: str, *parts: tuple[str, int, str]) -> list[tuple[int, str, int, str]]:
    """Return the parts that are in the text, in their order, with the line there at which each begins."""
    found, start = [], 0
    for text, first, whose in parts:
        at = sent.find(text, start) if text.strip() else -1
        if at >= 0:
            found.append((sent.count("\n", 0, at) + 1, text, first, whose))
            start = at + len(text)
    return found
