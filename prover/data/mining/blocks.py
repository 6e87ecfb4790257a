"""Finding the tactic proofs of a Lean file and cutting them into steps, by layout alone: best effort."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_THEOREM = re.compile(
    r"^(?P<indent>[ \t]*)(?:@\[[^\]]*\]\s*)?(?:(?:private|protected|public)\s+)*(?:theorem|lemma)\s", re.M
)
_BY = re.compile(r":=\s*by\b")
_BULLET = re.compile(r"(?:·|\.)(?:[ \t]+|$)")
_CONTINUES = ("<;>", "|", ")", "]", "}", "⟩")


@dataclass(frozen=True, slots=True)
class TacticBlock:
    """A theorem's tactic proof: the offsets where `by` and the block end, and its lines without indentation."""

    start: int
    end: int
    lines: tuple[str, ...]


def tactic_blocks(text: str) -> list[TacticBlock]:
    """Return the tactic proofs of all theorems and lemmas of a file, in order."""
    masked = _without_comments(text)
    found: list[TacticBlock] = []
    starts = [match for match in _THEOREM.finditer(masked)]
    for place, match in enumerate(starts):
        limit = starts[place + 1].start() if place + 1 < len(starts) else len(text)
        end = _end(masked, match.end(), limit, len(match["indent"].expandtabs()))
        by = _BY.search(masked, match.end(), end)
        if by is None:
            continue
        lines = _lines(masked[by.end() : end])
        if lines:
            found.append(TacticBlock(by.end(), end, tuple(lines)))
    return found


def without_proofs(text: str, blocks: list[TacticBlock]) -> str:
    """Return the file with these proofs replaced by `sorry`; lines keep their numbers."""
    for block in reversed(blocks):
        text = f"{text[: block.start]} sorry{chr(10) * text.count(chr(10), block.start, block.end)}{text[block.end :]}"
    return text


def steps(lines: tuple[str, ...], *, flat: bool) -> list[str]:
    """Cut a proof into tactics: a line with the lines that belong to it.

    `flat`: cut inside bullets as well; tactics act on the first goal, so most proofs work without bullets.
    """
    found: list[str] = []
    for group in _groups(list(lines)):
        first = _BULLET.match(group[0])
        if flat and first:
            rest = group[0][first.end() :]
            inner = [" " * first.end() + rest, *group[1:]] if rest else group[1:]
            found += steps(tuple(_lines("\n".join(["", *inner]))), flat=True)
        else:
            found.append("\n".join(group))
    return found


def _groups(lines: list[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for line in lines:
        begins = not line.startswith((" ", *_CONTINUES))
        if begins and group:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _lines(text: str) -> list[str]:
    """Return the non-blank lines without common indentation; a first line beside `by` does not count for it."""
    first, *rest = text.expandtabs(4).split("\n")
    rest = [line.rstrip() for line in rest if line.strip()]
    shared = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    own = [first.strip()] if first.strip() else []
    return [*own, *(("  " if own else "") + line[shared:] for line in rest)]


def _end(text: str, at: int, limit: int, indent: int) -> int:
    """Return the end of a block: the next line indented no more than its theorem."""
    line = text.find("\n", at)
    while 0 <= line < limit:
        following = text.find("\n", line + 1)
        content = text[line + 1 : following if following >= 0 else len(text)].expandtabs(4)
        if content.strip() and len(content) - len(content.lstrip()) <= indent:
            return line
        line = following
    return min(limit, len(text))


def _without_comments(text: str) -> str:
    """Return the text with comments blanked; characters keep their offsets."""
    out = list(text)
    at = depth = 0
    while at < len(text):
        pair = text[at : at + 2]
        if pair == "/-" or (depth and pair == "-/"):
            depth += 1 if pair == "/-" else -1
            out[at : at + 2] = "  "
            at += 2
        elif depth or pair == "--":
            end = at + 1 if depth else text.find("\n", at) if "\n" in text[at:] else len(text)
            out[at:end] = [character if character == "\n" else " " for character in text[at:end]]
            at = end
        elif text[at] == '"' and (end := text.find('"', at + 1)) > 0:
            at = end + 1
        else:
            at += 1
    return "".join(out)
