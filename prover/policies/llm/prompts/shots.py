"""Examples for models that learn the format from the prompt, and users' files of examples.

A block is a label line, a line `---`, the state, `---`, a second label line, `---`, the step, `---`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from prover.errors import InvalidPromptError

RULE = "---"


@dataclass(frozen=True, slots=True)
class Shot:
    """An example: a proof state and a good next step."""

    state: str
    step: str


@dataclass(frozen=True, slots=True)
class FewShotFile:
    """An instruction (one paragraph) and examples."""

    instruction: str
    shots: tuple[Shot, ...]

    @classmethod
    def read(cls, path: Path, *, labels: tuple[str, str] = ("Tactic state:", "Next tactic:")) -> FewShotFile:
        """Read an instruction, a blank line, and blocks separated by blank lines.

        Raises:
            InvalidPromptError: the file cannot be read, or a line is not what it should be.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InvalidPromptError(f"{path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise InvalidPromptError(f"{path}, line {line}: not UTF-8 text") from error
        return _Lines(str(path), text.splitlines()).few_shot_file(labels)


class _Lines:
    """The lines of a file, read in order."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name = name
        self.lines = lines
        self.at = 0

    def few_shot_file(self, labels: tuple[str, str]) -> FewShotFile:
        self.skip_blank()
        instruction = "\n".join(itertools.takewhile(str.strip, self.lines[self.at :]))
        if not instruction or instruction.startswith((labels[0], RULE)):
            self.refuse("an instruction")
        self.at += instruction.count("\n") + 1
        self.skip_blank()
        shots: list[Shot] = []
        while self.at < len(self.lines):
            shots.append(Shot(self.field(labels[0], "a proof state"), self.field(labels[1], "a tactic")))
            self.skip_blank()
        if not shots:
            self.refuse(f"`{labels[0]}`")
        return FewShotFile(instruction, tuple(shots))

    def field(self, label: str, what: str) -> str:
        self.expect(label)
        self.expect(RULE)
        start = self.at
        while self.at < len(self.lines) and self.lines[self.at].rstrip() != RULE:
            self.at += 1
        text = "\n".join(self.lines[start : self.at])
        if self.at == len(self.lines):
            self.refuse(f"`{RULE}`")
        if not text.strip():
            self.at = start
            self.refuse(what)
        self.at += 1
        return text.strip("\n")

    def expect(self, line: str) -> None:
        if self.at == len(self.lines) or self.lines[self.at].rstrip() != line:
            self.refuse(f"`{line}`")
        self.at += 1

    def skip_blank(self) -> None:
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1

    def refuse(self, expected: str) -> None:
        found = f"`{self.lines[self.at][:60]}`" if self.at < len(self.lines) else "the end of the file"
        raise InvalidPromptError(f"{self.name}, line {self.at + 1}: {expected} should stand here, not {found}")
