"""How tactics are written in place of a `sorry`, so that nothing around it has to change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

WORDS = ("sorry", "admit")
WORD_LENGTH = 5  # of either
_BULLETS = re.compile(r"\s*(?:· *|\. +)*")


def replacements(kind: Literal["tactic", "term"], head: str, tail: str, tactics: Sequence[str]) -> list[str]:
    """Return texts for a `sorry` with `head` before and `tail` after it on its line, the most readable first.

    Which of them fits is for the proof assistant to say.
    """
    column, flat = len(head), all("\n" not in tactic for tactic in tactics)
    bullets = _BULLETS.match(head)
    inner = (bullets.end() if bullets else 0) + 2
    line, on_lines = "; ".join(tactics), f"\n{' ' * inner}{_block(tactics, inner)}"
    ends_line = not tail.strip() or tail.lstrip().startswith("--")
    texts: list[str] = []
    if kind == "term":
        if len(tactics) > 1 or not flat:
            texts += [f"by{on_lines}"] if ends_line else []
        texts += [f"by {line}", f"(by {line})"] if flat else []
        texts += [f"(by {_block(tactics, column + 4)})"]
    elif len(tactics) == 1 and flat:
        texts += [line, f"({line})"]
    else:
        aligned = _block(tactics, column)
        starts_line = inner - 2 == column
        texts += [aligned] if starts_line or not ends_line else [on_lines, aligned]
        texts += [f"({line})"] if flat else []
        texts += [f"({_block(tactics, column + 1)})"]
    if kind == "tactic":
        texts += [f"· {_block(tactics, column + 2)}"]  # where more goals are open
    return list(dict.fromkeys(texts))


def _block(tactics: Sequence[str], column: int) -> str:
    return re.sub(r"\n(?=[^\n])", "\n" + " " * column, "\n".join(tactics))


class FilledText:
    """A text, places in it, and what may stand there instead; keeps line ends and all else as they are.

    Only blanks before a filling that begins on the next line go.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.mark = "\ufeff" if text.startswith("\ufeff") else ""
        lines = text[len(self.mark) :].split("\n")
        self._starts = [len(self.mark)]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._windows = text.count("\r\n") * 2 > text.count("\n")

    @property
    def plain(self) -> str:
        """The text as a proof assistant gets it: no byte order mark, lines ended by a line feed alone."""
        return self.text[len(self.mark) :].replace("\r\n", "\n")

    def place(self, line: int, column: int) -> int:
        """Return where a `sorry` stands. Raises ValueError if there is none at that line and column."""
        at = self._starts[line - 1] + column
        if self.text[at : at + WORD_LENGTH] not in WORDS:
            raise ValueError(f"no `sorry` at line {line}, column {column + 1}")
        return at

    def around(self, line: int, column: int, fillings: Mapping[int, str] = MappingProxyType({})) -> tuple[str, str]:
        """Return what stands before and after a `sorry` on its line, once these places before it are filled."""
        at, end = self.place(line, column), self._starts[line] - 1
        before = self._until(at, fillings)
        return before[before.rfind("\n") + 1 :].removeprefix(self.mark), self.text[at + WORD_LENGTH : end].rstrip("\r")

    def filled(self, fillings: Mapping[int, str]) -> str:
        """Return the text with these places' words replaced."""
        return self._until(len(self.text), fillings)

    def _until(self, end: int, fillings: Mapping[int, str]) -> str:
        parts, at = [], 0
        for place, text in sorted(fillings.items()):
            if place < end:
                before = self.text[at:place]
                if text.startswith("\n"):  # no blank stays at the end of the line
                    before = before.rstrip(" \t")
                parts += [before, text.replace("\n", "\r\n") if self._windows else text]
                at = place + WORD_LENGTH
        return "".join([*parts, self.text[at:end]])
