"""Long lines of a tactic, broken where a reader would break them. Whether that is still the same, Lean says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from prover.environments.syntax.lean.tokens import Token, tokens

STEP = 2
FURTHER = 4
"""How far the rest of a term is indented."""
_LOOSEST = ({":="}, {"<;>"}, {"↔"}, {"→"}, {"∨"}, {"∧"}, {","}, {"=", "≤", "<", "≥", ">", "∣"}, {"+", "-"}, {"*"})
"""Symbols behind which a line is broken, the loosest first."""


def wrapped(tactic: str, width: int) -> str:
    """Return the tactic with no line longer than `width` characters, as far as there are places to break it.

    >>> print(wrapped("have h : a = b := by simp [one, two]", 30))
    have h : a = b := by
      simp [one, two]
    """
    lines: list[str] = []
    for line in tactic.split("\n"):
        bare = line.lstrip()
        indent = len(line) - len(bare)
        lines += [" " * indent + part for part in _tactics(bare, width - indent)]
    return "\n".join(lines)


def _tactics(line: str, width: int) -> list[str]:
    """Return the lines that a line of tactics becomes; each tactic of a block begins in the same column."""
    if len(line) <= width:
        return [line]
    found = tokens(line)
    outside = [token for token in found if token.depth == 0]
    by = next((token for token in outside if token.text == "by" and line[token.end :].strip()), None)
    if by:
        return [*_filled(line[: by.end], width), *_indented(" " * STEP, line[by.end :], width)]
    if any(token.text == ";" for token in outside):
        return [part for text in _between(line, outside, ";") for part in _tactics(text, width)]
    if outside[0].text == "first" and any(token.text == "|" for token in outside):
        return [
            "first",
            *(part for text in _between(line, outside, "|")[1:] for part in _indented("  | ", text, width)),
        ]
    if outside[0].text == "try":
        return _indented("try ", line[outside[0].end :], width)
    if [token.text for token in outside] == ["(", ")"]:
        *lines, last = _indented("(", line[1:-1], width - 1)
        return [*lines, f"{last})"]
    return _filled(line, width)


def _indented(beginning: str, text: str, width: int) -> list[str]:
    """Return the lines of a block of tactics with `beginning` before the first, and so much room before the others."""
    first, *others = _tactics(text.strip(), width - len(beginning))
    return [beginning + first, *(" " * len(beginning) + line for line in others)]


def _between(line: str, outside: list[Token], separator: str) -> list[str]:
    cuts = [token for token in outside if token.text == separator]
    starts, ends = [0, *(token.end for token in cuts)], [*(token.start for token in cuts), len(line)]
    return [line[a:b].strip() for a, b in zip(starts, ends, strict=True)]


def _filled(line: str, width: int) -> list[str]:
    """Break a line without a block of its own, as late as fits each time; what is left stands further to the right."""
    lines: list[str] = []
    indent = 0
    while len(line) > width - indent and (at := _break(line, width - indent)):
        lines.append(" " * indent + line[:at])
        indent = STEP if line[:at].endswith("<;>") else FURTHER
        line = line[at:].lstrip()
    return [*lines, " " * indent + line]


def _break(line: str, width: int) -> int | None:
    """Return where a line is best broken: behind a loose symbol, in few brackets, as late as fits."""
    found = tokens(line)
    blocks = list(_blocks(found, len(line)))
    best: tuple[float, int, int] | None = None
    for token, following in pairwise(found):
        fits = token.end <= width and token.end < following.start
        if fits and not any(start < following.start < end for start, end in blocks):
            place = (_brackets(token, following), _rank(token), -token.end)
            best = min(best, place) if best else place
    return -best[2] if best else None


def _blocks(found: list[Token], end: int) -> Iterator[tuple[int, int]]:
    """Yield where tactics stand in brackets: a line must not end there."""
    for number, token in enumerate(found):
        if token.text not in ("by", ";"):
            continue
        start = token.start
        if token.text == ";":
            start = next((t.start for t in reversed(found[:number]) if t.depth < token.depth), 0)
        over = (t.start for t in found[number:] if t.depth < token.depth or (t.depth == token.depth and t.text == ":"))
        yield start, next(over, end)


def _brackets(token: Token, following: Token) -> float:
    """Return how many brackets a break would stand in; members of a list are torn apart rather than arguments."""
    if token.text == ",":
        return following.depth - 0.5
    return following.depth + (0.6 if _rank(token) == len(_LOOSEST) else 0.0)


def _rank(token: Token) -> int:
    return next((rank for rank, symbols in enumerate(_LOOSEST) if token.text in symbols), len(_LOOSEST))
