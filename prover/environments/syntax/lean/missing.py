"""What Lean's messages say of names that it does not know, and which of them Mathlib may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prover.environments.syntax.lean.names import MATHLIB_TACTICS

_UNKNOWN = re.compile(r"unknown (?:identifier|constant) [`'‘]([^`'’\s]+)[`'’]", re.IGNORECASE)
_LIBRARY_NAME = re.compile(r"(?!h[^\W_]?_|ih_)[^\W\d][\w'!?]*(?:[._][\w'!?]+)+")
"""Dots or underscores, as the names of theorems have them; `h_pos` and the like are hypotheses."""
_WORD = re.compile(r"[^\W\d][\w'!?]*")


def missing_names(tactic: str, message: str) -> Iterator[str]:
    """Yield names of tactics and of the library that Lean did not know when it rejected a tactic.

    >>> [*missing_names("nlinarith [h]", "unknown tactic")]
    ['nlinarith']
    >>> [*missing_names("exact sq_nonneg h₇", "Unknown identifier `sq_nonneg`")]
    ['sq_nonneg']
    """
    if message.strip().endswith("unknown tactic"):
        yield from dict.fromkeys(word for word in _WORD.findall(tactic) if word in MATHLIB_TACTICS)
    for name in _UNKNOWN.findall(message):
        if _LIBRARY_NAME.fullmatch(name):
            yield name
