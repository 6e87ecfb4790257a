"""The single tactics of a text that holds several: policies and models propose whole blocks as one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from prover.environments.syntax.lean.tokens import Token, tokens

BULLET = "·"
_GOES_ON = frozenset({"|", "<;>", "=>", ":=", "then", "else", "with", "at", "by", ";"})
"""With one of these a tactic goes on: at the beginning of a line, or at the end of the line before."""


def steps(tactics: Iterable[str]) -> tuple[str, ...]:
    r"""Return the tactics one by one, without bullets.

    >>> steps(["constructor\n· intro h\n  simp\n· grind"])
    ('constructor', 'intro h', 'simp', 'grind')
    """
    found: list[str] = []
    for tactic in tactics:
        for step in _split(tactic):
            if step.startswith(BULLET):
                inner = " " + step[len(BULLET) :]
                found += steps([textwrap.dedent(inner)])
            else:
                found.append(step)
    return tuple(found)


def _split(tactic: str) -> list[str]:
    starts = [0]
    before: Token | None = None
    for token in tokens(tactic):
        begins_line = token.start == 0 or tactic[token.start - 1] == "\n"
        goes_on = token.text in _GOES_ON or (before is not None and before.text in _GOES_ON)
        if before is not None and begins_line and token.depth == 0 and not goes_on:
            starts.append(token.start)
        before = token
    return [tactic[a:b].strip("\n") for a, b in zip(starts, [*starts[1:], len(tactic)], strict=True)]
