"""Candidates as templates with pointers: what kind a tactic is, and the how-manieth of its kind at a goal.

A family (`premises: grind [4]`, see priors.py) is a template; which premises, variables or definitions
fill it is settled by its place among the candidates of one family, which are in the order of retrieval. So a model
that ranks candidates never spells a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prover.policies.automation.priors import family_of
from prover.policies.generator import TacticCandidate


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate, its family, and its place among those of that family, from 0."""

    candidate: TacticCandidate
    family: str
    place: int


def placed(candidates: Iterable[TacticCandidate]) -> Iterator[Placed]:
    """Yield the candidates of one goal with their families; their order decides the places."""
    seen: Counter[str] = Counter()
    for candidate in candidates:
        family = family_of(candidate.source, candidate.tactic)
        yield Placed(candidate, family, seen[family])
        seen[family] += 1
