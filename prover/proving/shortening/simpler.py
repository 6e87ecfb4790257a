"""Texts of one tactic with something left out of it, or put more simply. Which of them still work, a session says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prover.core.proof_state import normalise_tactic
from prover.environments.syntax.lean.tokens import CLOSING, OPENING, Token, tokens
from prover.proving.shortening.closers import CLOSERS, simpler_than

Span = tuple[int, int]
_TAKES_PREMISES = re.compile(
    r"(?<![\w.])(?P<tactic>(?:simp|simp_all|dsimp|simpa|grind|norm_num|linarith|nlinarith|field_simp)"
    r"(?: only)?(?: [+-]\w+)*)[ \n]*$"
)
_THEN = frozenset({"<;>", ";"})
MANY_LINES = 3
"""More are left out by halves, since each may be a lemma that was only tried."""


def simpler(tactic: str) -> list[str]:
    """Return shorter tactics that may do the same, the likeliest kind first and the shortest of each kind first.

    >>> simpler("simp_all [Nat.add_comm]")[0]
    'simp_all'
    >>> simpler("cases n <;> simp <;> omega")[:3]
    ['cases n', 'cases n <;> simp', 'cases n <;> omega']
    """
    text = _Text(tactic)
    found: dict[str, None] = {}
    for way in _WAYS:
        found |= dict.fromkeys(sorted(map(normalise_tactic, way(text)), key=len))
    return [shorter for shorter in found if shorter]


@dataclass(frozen=True, slots=True)
class _Region:
    """A place where tactics stand one after the other: the whole text, or the inside of a bracket, or behind `by`."""

    start: int
    end: int
    inside: tuple[Token, ...]
    """The tokens that stand in no further bracket."""


class _Text:
    """A tactic with its tokens and brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.brackets = list(_brackets(self.tokens))

    def instead(self, start: int, end: int, other: str = "") -> str:
        """Return the text with something else in place of what stands there."""
        return self.text[:start] + other + self.text[end:]

    @property
    def regions(self) -> Iterator[_Region]:
        """The whole, and the inside of each round bracket."""
        yield self._region(0, len(self.text), 0)
        for opening, closing in self.brackets:
            if opening.text == "(":
                yield self._region(opening.end, closing.start, opening.depth + 1)

    def _region(self, start: int, end: int, depth: int) -> _Region:
        inside = (token for token in self.tokens if start <= token.start < end and token.depth == depth)
        return _Region(start, end, tuple(inside))

    def parts(self, region: _Region, separators: frozenset[str]) -> list[Span]:
        """Return what the separators of a region stand between."""
        cuts = [token for token in region.inside if token.text in separators]
        starts = [region.start, *(token.end for token in cuts)]
        return list(zip(starts, [*(token.start for token in cuts), region.end], strict=True))


def _brackets(all_tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    waiting: list[Token] = []
    for token in all_tokens:
        if token.kind == "symbol" and token.text in OPENING:
            waiting.append(token)
        elif token.kind == "symbol" and token.text in CLOSING and waiting:
            yield waiting.pop(), token


# ---- ways to write it shorter ---------------------------------------------------------------------------------
def _fewer_premises(text: _Text) -> Iterator[str]:
    """Leave out the list of a `simp`, halves of it, and each of its members."""
    for opening, closing in text.brackets:
        before = _TAKES_PREMISES.search(text.text[: opening.start])
        if opening.text != "[" or before is None:
            continue
        yield text.instead(before.end("tactic"), closing.end)
        items = _items(text, opening, closing)
        sizes = dict.fromkeys(size for size in (len(items) // 2, len(items) // 4, 1) if 0 < size < len(items))
        for size in sizes:
            for first in range(0, len(items), size):
                kept = ", ".join([*items[:first], *items[first + size :]])
                yield text.instead(opening.end, closing.start, kept)


def _items(text: _Text, opening: Token, closing: Token) -> list[str]:
    commas = [
        token.start
        for token in text.tokens
        if opening.end <= token.start < closing.start and token.depth == opening.depth + 1 and token.text == ","
    ]
    starts = [opening.end, *(comma + 1 for comma in commas)]
    return [text.text[a:b].strip() for a, b in zip(starts, [*commas, closing.start], strict=True)]


def _fewer_parts(text: _Text) -> Iterator[str]:
    """Leave out one of several tactics that `<;>` or `;` join."""
    for region in text.regions:
        for separators in (_THEN, frozenset({"<;>"})):
            parts = text.parts(region, separators)
            for number in range(len(parts)) if len(parts) > 1 else ():
                if number:
                    yield text.instead(_stripped(text, parts[number - 1]), _stripped(text, parts[number]))
                else:
                    yield text.instead(region.start, parts[1][0] + _blanks(text, parts[1]))


def _stripped(text: _Text, span: Span) -> int:
    """Return where a part ends, without blanks."""
    return span[0] + len(text.text[slice(*span)].rstrip())


def _blanks(text: _Text, span: Span) -> int:
    part = text.text[slice(*span)]
    return len(part) - len(part.lstrip())


def _one_alternative(text: _Text) -> Iterator[str]:
    """Put one of its alternatives in place of a `first` whose alternatives stand on its line."""
    for region in text.regions:
        start = next((token for token in region.inside if token.text == "first"), None)
        if start is None:
            continue
        end = min(region.end, _line_end(text.text, start.end))
        bars = [token for token in region.inside if token.text == "|" and start.end <= token.start < end]
        ends = [*(bar.start for bar in bars), end][1:]
        for bar, after in zip(bars, ends, strict=True):
            yield text.instead(start.start, end, text.text[bar.end : after].strip())


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _without_words(text: _Text) -> Iterator[str]:
    """Leave out `try`, and options such as `+arith`."""
    for token, following in zip(text.tokens, text.tokens[1:], strict=False):
        if token.text == "try":
            yield text.instead(token.start, following.start)
        flag = token.text == "+" and following.kind == "word" and following.start == token.end
        if flag and text.text[token.start - 1 : token.start] == " ":
            yield text.instead(token.start - 1, following.end)


def _simpler_proofs(text: _Text) -> Iterator[str]:
    """Put a simpler tactic in place of the last in a chain, and of what stands behind `by`."""
    for region in text.regions:
        *chain, last = text.parts(region, frozenset({"<;>"}))
        yield from _with_closers(text, last) if chain else ()
        by = next((token for token in region.inside if token.text == "by"), None)
        if by:
            typed = (token.start for token in region.inside if token.text == ":" and token.start > by.end)
            proof = (by.end, next(typed, region.end) if region.start else region.end)
            yield from _with_closers(text, proof) if text.text[slice(*proof)].strip() not in CLOSERS else ()


def _with_closers(text: _Text, span: Span) -> Iterator[str]:
    start, end = span
    for closer in simpler_than(text.text[start:end].strip()):
        behind = " " if text.text[end : end + 1] == ":" else ""
        yield text.instead(start, end, f" {closer}{behind}")


def _without_brackets(text: _Text) -> Iterator[str]:
    """Leave out round brackets around everything, around everything behind the first word, and twice the same."""
    spans = {(opening.start, closing.end) for opening, closing in text.brackets}
    first = text.tokens[0].end if text.tokens else 0
    for opening, closing in text.brackets:
        whole = closing.end == len(text.text) and not text.text[: opening.start].strip()
        argument = closing.end == len(text.text) and text.text[: opening.start].rstrip() == text.text[:first]
        if opening.text == "(" and (whole or argument or (opening.start + 1, closing.end - 1) in spans):
            yield text.instead(opening.start, closing.end, text.text[opening.end : closing.start])


def _fewer_lines(text: _Text) -> Iterator[str]:
    """Leave out one of the further lines, with what is indented below it."""
    lines = text.text.split("\n")
    for number in range(1, len(lines)):
        deep = _indentation(lines[number])
        end = next((n for n in range(number + 1, len(lines)) if _indentation(lines[n]) <= deep), len(lines))
        yield "\n".join([*lines[:number], *lines[end:]])


def _fewer_blocks(text: _Text) -> Iterator[str]:
    """Leave out all of many lines but the last, then each half of these, and so on, with what is indented below."""
    lines = text.text.split("\n")
    starts = [number for number, line in enumerate(lines) if not _indentation(line) and not line.startswith("|")]
    size = (len(starts) - 1) if len(starts) > MANY_LINES else 0
    while size:
        for first in range(0, len(starts) - 1, size):
            last = min(first + size, len(starts) - 1)
            yield "\n".join([*lines[: starts[first]], *lines[starts[last] :]])
        size //= 2


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


_WAYS: tuple[Callable[[_Text], Iterator[str]], ...] = (
    _fewer_blocks,
    _fewer_premises,
    _fewer_parts,
    _one_alternative,
    _without_words,
    _simpler_proofs,
    _fewer_lines,
    _without_brackets,
)
