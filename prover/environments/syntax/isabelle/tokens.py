r"""Tokens of Isabelle's outer syntax (Isabelle/Isar reference manual, section 3.2), read from ASCII text.

Made for judging untrusted text: where Isabelle could see one token and a simpler reader two, this one sees the two, so
that no command hides inside another token. What it is not sure about is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_SPACE = re.compile(r"[ \n]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_']*(?:\.[A-Za-z][A-Za-z0-9_']*)*")
_NUMBER = re.compile(r"[0-9]+")
_SYMBOL = re.compile(r"\\<\^?[A-Za-z][A-Za-z0-9_']*>")
_DOTS = re.compile(r"\.+")
_COMMENT = re.compile(r"\\<comment>[ \n]*(?=\\<open>)")
_BRACKET = re.compile(r"\\<(open|close)>")
_FORMAL_COMMENTS = ("comment", "^cancel", "^latex", "^marker", "^descr", "^item", "^enum")


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    WORD = "word"
    STRING = "string"
    BACKQUOTED = "back-quoted string"
    CARTOUCHE = "cartouche"
    NUMBER = "number"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its text as it stands, and where."""

    kind: Kind
    text: str
    start: int

    @property
    def content(self) -> str:
        """The text without the marks around it."""
        match self.kind:
            case Kind.STRING | Kind.BACKQUOTED:
                return self.text[1:-1]
            case Kind.CARTOUCHE:
                return self.text[len(r"\<open>") : -len(r"\<close>")]
            case _:
                return self.text

    @property
    def proper(self) -> bool:
        """Is it more than white space and comments?"""
        return self.kind not in (Kind.SPACE, Kind.COMMENT)


class OuterSyntaxError(ValueError):
    """The text is no sequence of tokens; `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"{reason} (line {line})")
        self.reason = reason
        self.line = line


def tokens(text: str) -> list[Token]:
    """Return all tokens; their texts together are `text`.

    Raises:
        OuterSyntaxError: something is not closed, not ASCII, or could be read in two ways.
    """
    return list(_Scanner(text).tokens())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, reason: str, at: int) -> OuterSyntaxError:
        return OuterSyntaxError(reason, self.text.count("\n", 0, at) + 1)

    def strange(self, at: int) -> OuterSyntaxError:
        character = self.text[at]
        return self.fail(
            f"the character {character!r} (U+{ord(character):04X}), which is no symbol of Isabelle's known here, may "
            "stand in comments only",
            at,
        )

    def tokens(self) -> Iterator[Token]:
        at = 0
        while at < len(self.text):
            kind, end = self.token(at)
            yield Token(kind, self.text[at:end], at)
            at = end

    def token(self, at: int) -> tuple[Kind, int]:
        text = self.text
        for pattern, kind in ((_SPACE, Kind.SPACE), (_WORD, Kind.WORD), (_NUMBER, Kind.NUMBER), (_DOTS, Kind.SYMBOL)):
            if found := pattern.match(text, at):
                return kind, found.end()
        if text.startswith("(*", at):
            return Kind.COMMENT, self.comment(at)
        if text.startswith("*)", at):
            raise self.fail("a comment is closed that was not opened", at)
        if text.startswith(("{*", "*}"), at):
            raise self.fail("`{* ... *}` is not supported", at)
        if comment := _COMMENT.match(text, at):
            return Kind.COMMENT, self.formal_comment(comment.end())
        if text[at] in '"`':
            return (Kind.STRING if text[at] == '"' else Kind.BACKQUOTED), self.quoted(at)
        if text[at] == "\\":
            return self.symbol(at)
        if not "!" <= text[at] <= "~":
            raise self.strange(at)
        return Kind.SYMBOL, at + 1

    def comment(self, start: int) -> int:
        depth, at = 0, start
        while at < len(self.text):
            if self.text.startswith("(*", at):
                depth, at = depth + 1, at + 2
            elif self.text.startswith("*)", at):
                depth, at = depth - 1, at + 2
                if depth == 0:
                    return at
            else:
                at += 1
        raise self.fail("a comment is not closed", start)

    def formal_comment(self, start: int) -> int:
        """Return where a comment ends whose text begins here. It is cut out, so anything may stand in it."""
        depth = 0
        for found in _BRACKET.finditer(self.text, start):
            depth += 1 if found[1] == "open" else -1
            if depth == 0:
                return found.end()
        raise self.fail(r"a \<open> is not closed", start)

    def quoted(self, start: int) -> int:
        mark, at = self.text[start], start + 1
        while at < len(self.text):
            if self.text[at] == mark:
                return at + 1
            at = at + 2 if mark == '"' and self.text.startswith(r"\"", at) else self.character(at)
        raise self.fail(f"a {mark} is not closed", start)

    def character(self, at: int) -> int:
        """Return where the character or symbol inside a quotation ends. Escapes by number are refused."""
        if self.text[at] == "\\":
            found = _SYMBOL.match(self.text, at)
            if not found:
                raise self.fail(r"a backslash that begins no symbol such as \<forall>", at)
            return found.end()
        if self.text[at] != "\n" and not " " <= self.text[at] <= "~":
            raise self.strange(at)
        return at + 1

    def symbol(self, at: int) -> tuple[Kind, int]:
        end = self.character(at)
        name = self.text[at + 2 : end - 1]
        if name == "open":
            return Kind.CARTOUCHE, self.cartouche(at)
        if name == "close":
            raise self.fail(r"\<close> without \<open>", at)
        if name in _FORMAL_COMMENTS or (name.startswith("^") and self.text.startswith(r"\<open>", end)):
            raise self.fail(rf"\<{name}> is refused here, whatever Isabelle would make of it", at)
        return Kind.SYMBOL, end

    def cartouche(self, start: int) -> int:
        depth, at = 0, start
        while at < len(self.text):
            end = self.character(at)
            depth += {r"\<open>": 1, r"\<close>": -1}.get(self.text[at:end], 0)
            at = end
            if depth == 0:
                return at
        raise self.fail(r"a \<open> is not closed", start)


def without_comments(text: str) -> str:
    """Return the text with a space for each comment, and its lines where they were. Raises OuterSyntaxError."""
    return "".join(
        " " + "\n" * token.text.count("\n") if token.kind is Kind.COMMENT else token.text for token in tokens(text)
    )
