"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "tactic"), counted(1200, "tactic")
    ('1 tactic', '1,200 tactics')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
