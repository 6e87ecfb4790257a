"""The tactics that are preferred at the end of a proof, the simplest first."""

from __future__ import annotations

import re

CLOSERS = ("rfl", "simp", "omega", "decide", "simp_all", "grind")
_ONE_WORD = re.compile(r"\w+")


def simpler_than(text: str) -> tuple[str, ...]:
    """Return the closers that are simpler than this end of a proof.

    >>> simpler_than("decide"), simpler_than("ac_rfl"), simpler_than("exact h")
    (('rfl', 'simp', 'omega'), ('rfl', 'simp'), ('rfl', 'simp', 'omega', 'decide', 'grind'))
    """
    if text in CLOSERS:
        return CLOSERS[: CLOSERS.index(text)]
    if _ONE_WORD.fullmatch(text):  # which is as simple as most
        return ("rfl", "simp")
    return tuple(closer for closer in CLOSERS if len(closer) < len(text))
