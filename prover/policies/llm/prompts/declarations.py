"""Theorems and lemmas in Lean code that a model wrote: their names, what they state, where their proofs begin.

Code is read without elaborating it, and it need not be right. `bare` is code whose comments are blanked: offsets hold
in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["tactics", "term", "equations"]

_DECLARATION = re.compile(
    r"^[ \t]*(?:@\[[^\]\n]*\][ \t]*)?(?:(?:private|protected|noncomputable|nonrec|unsafe) )*"
    r"(?:theorem|lemma|example)\b[ \t]*([^\s:({\[]*)",
    re.MULTILINE,
)
_NEXT_COMMAND = re.compile(
    r"^(?:(?:theorem|lemma|example|def|abbrev|instance|structure|inductive|class|axiom|namespace|section|end|variable|"
    r"noncomputable|private|protected|attribute)\b|(?:open|set_option|universe)\b(?![^\n]*\bin\b)|@\[|#\w)",
    re.MULTILINE,
)
_SIGN = re.compile(r"[(\[{⟨⦃]|[)\]}⟩⦄]|:=|^[ \t]*\|(?=[^|\n]*=>)", re.MULTILINE)
_LOCAL = re.compile(r"\b(?:let|have|letI|haveI)\b[^;\n]*\Z")
_NEAR = 200
"""Characters before a `:=` in which the `let` that it belongs to is looked for."""
_BY = re.compile(r"\s*by\b")
_UNIVERSES = re.compile(r"(?<=\.)\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A theorem or lemma: `start` and `end` of its text, its name, and `after_name`, where what it states begins."""

    start: int
    end: int
    name: str
    after_name: int

    def states(self, bare: str, until: int) -> str:
        """Return binders and type, in one line."""
        return " ".join(bare[self.after_name : until].rstrip().removesuffix(":=").split())


def declarations(bare: str) -> list[Declaration]:
    """Return the theorems, lemmas and examples, in their order."""
    found = list(_DECLARATION.finditer(bare))
    ends = [*(one.start() for one in found[1:]), len(bare)]
    return [
        Declaration(one.start(), end, one[1].removesuffix("."), _after_universes(bare, one.end()))
        for one, end in zip(found, ends, strict=False)
    ]


def _after_universes(bare: str, at: int) -> int:
    """Return the end of the names of universes in `name.{u, v}`."""
    universes = _UNIVERSES.match(bare, at)
    return universes.end() if universes else at


def end_of_command(bare: str, at: int) -> int:
    """Return where the command that contains `at` ends: before the next one, without white space."""
    following = _NEXT_COMMAND.search(bare, at)
    return len(bare[: following.start() if following else len(bare)].rstrip())


def proof_place(bare: str, declared: Declaration) -> tuple[int, Kind] | None:
    """Return where the proof begins, and of what kind it is: the first `:=` or `|` outside of brackets.

    The `:=` of a `let` in the statement is none.
    """
    depth = 0
    for found in _SIGN.finditer(bare, declared.after_name, declared.end):
        if found[0] in "([{⟨⦃":
            depth += 1
        elif found[0] in ")]}⟩⦄":
            depth -= 1
        elif depth > 0:
            continue
        elif found[0] != ":=":
            return found.start(), "equations"
        elif not _LOCAL.search(bare, max(declared.after_name, found.start() - _NEAR), found.start()):
            return kind_at(bare, found.end())
    return None


def kind_at(bare: str, at: int) -> tuple[int, Kind]:
    """Return where the proof behind a `:=` begins, and whether it is by tactics or a term."""
    by = _BY.match(bare, at)
    return (by.end(), "tactics") if by else (at, "term")
