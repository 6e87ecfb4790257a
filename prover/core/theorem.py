"""What is to be proved: a Lean text with a header and one theorem."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from prover.core.text import MAX_STATEMENT_BYTES, text_problem
from prover.errors import InvalidTheoremError

_BLANK = re.compile(r"\s+|--[^\n]*")
_IMPORT = re.compile(r"import[ \t]+(?:all[ \t]+)?([^\s]+?)(?=\s|--|/-|\Z)")
_MODULE = re.compile(r"(«[^«»/\\.]+»|[^\W\d][\w'!?]*)(\.(«[^«»/\\.]+»|[^\W\d][\w'!?]*))*")
_MODULE_SYNTAX = re.compile(r"(module|prelude|public|meta)\b(?=\s)")


@dataclass(frozen=True, slots=True)
class Theorem:
    """A statement as the user wrote it: optional imports and header, then one theorem without a proof.

    `body` is the text with its import lines blanked out, so that positions stay the same.
    `forbid`: constants that a proof's term may not contain, for problem sets made from a library. `informal`: the
    problem in words, then optionally a line `### Solution` and a solution, for policies that sketch.
    """

    source: str
    imports: tuple[str, ...]
    body: str
    forbid: tuple[str, ...] = ()
    informal: str = ""

    @classmethod
    def from_text(cls, text: str, *, forbid: tuple[str, ...] = ()) -> Self:
        """Split `text` into imports and body. Raises InvalidTheoremError for text rejected before parsing."""
        check_text(text)
        if not text.strip():
            raise InvalidTheoremError("the statement is empty", hint="give it as: theorem NAME BINDERS : TYPE")
        imports, body = split_imports(text)
        return cls(source=text, imports=imports, body=body, forbid=forbid)

    @property
    def digest(self) -> str:
        """SHA-256 of the source, 64 hexadecimal digits."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def with_header(header: str, statement: str) -> str:
    """Return the text of a statement below its header, if it has one."""
    return f"{header.rstrip()}\n\n{statement}" if header.strip() else statement


def check_text(text: str) -> None:
    """Raise InvalidTheoremError for text that is rejected before parsing."""
    if problem := text_problem(text, most_bytes=MAX_STATEMENT_BYTES):
        raise InvalidTheoremError(problem)


def split_imports(text: str) -> tuple[tuple[str, ...], str]:
    """Return the imported modules (`Init` only if nothing else is) and the text with their lines blanked.

    Lean reads imports only at the start of a file, between white space and comments.
    """
    imports: list[str] = []
    blanked = list(text)
    at = 0
    while True:
        if blank := _BLANK.match(text, at):
            at = blank.end()
        elif text.startswith("/-", at) and not text.startswith(("/--", "/-!"), at):
            at = comment_end(text, at)
        elif found := _IMPORT.match(text, at):
            if not _MODULE.fullmatch(found[1]):
                raise InvalidTheoremError(f"{found[1]} is not the name of a module", hint="for example: import Std")
            imports.append(found[1])
            for i in range(found.start(), found.end()):
                blanked[i] = " "
            at = found.end()
        elif found := _MODULE_SYNTAX.match(text, at):
            raise InvalidTheoremError(f"`{found[1]}` is not supported", hint="use plain `import` lines")
        else:
            break
    others = sorted(set(imports) - {"Init"})
    return tuple(others) or ("Init",), "".join(blanked)


def comment_end(text: str, start: int) -> int:
    """Return the end of the comment that begins at `start` with `/-`; comments may be nested."""
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/-", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("-/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    return len(text)
