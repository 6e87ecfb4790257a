"""Candidates named by their family and their place in it, so that a learned order never spells a name.

A family, such as `premises: grind [4]`, is the text of a tactic without the names of this goal; see priors.py. The
place of a candidate among those of its family settles which premises, variables or definitions it cites, because the
candidates of a family come in a fixed order, premises in that of retrieval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prover.policies.automation.priors import family_of
from prover.policies.generator import TacticCandidate


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate, its family, and its 0-based place among the candidates of that family."""

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
