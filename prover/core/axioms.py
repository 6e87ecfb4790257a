"""The axioms that a proof may rest on, and how they are told to people."""

from __future__ import annotations

from collections.abc import Sequence

STANDARD_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})
"""Lean's own; see "Axioms and Computation" in Theorem Proving in Lean 4."""


def axioms_in_words(axioms: Sequence[str], *, with_library: bool) -> str:
    """Return what a proof rests on. `with_library`: it also uses theorems of the standard library.

    >>> axioms_in_words((), with_library=True)
    'no axioms beyond the standard library'
    >>> axioms_in_words(("propext",), with_library=False)
    'axioms: propext'
    """
    if not axioms:
        return "no axioms beyond the standard library" if with_library else "no axioms"
    return f"axioms: {', '.join(axioms)}{' and those of the standard library' if with_library else ''}"
