"""The keywords that every search takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, cast

from prover.core.budget import SearchBudget


class Limits(TypedDict, total=False):
    """Limits of a search by keyword: the members of `SearchBudget`, which says what they mean."""

    expansions: int
    candidates: int
    effort: float
    tactic_effort: float
    timeout_s: float
    tactic_timeout_s: float


def limited(budget: SearchBudget, limits: Limits) -> SearchBudget:
    """Return `budget` with these limits; see `SearchBudget.changed`.

    Raises:
        TypeError: there is no such limit.
        ValueError: a limit is out of range.
    """
    if unknown := sorted(limits.keys() - Limits.__annotations__.keys()):
        raise TypeError(f"there is no keyword {unknown[0]!r}; limits are {', '.join(Limits.__annotations__)}")
    return budget.changed(cast(Mapping[str, float], limits)) if limits else budget
