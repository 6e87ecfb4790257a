"""What is learned from mined outcomes: an order of the closers' candidates, the same for all goals; and of premises.

Of the candidates (../automation/placed_candidates.py) comes first what has the best chance a second, then what has it
where that has failed, and so on. Premises are ordered by a weight for each thing that is seen of one at a goal
(../premises/learned_order.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.errors import InvalidPolicyError

ORDER = "order.json"
OVERHEAD_S = 0.004
"""What a tactic costs beside the assistant's own time."""
PREMISE_WEIGHTS = "premises.json"
FEATURES = (
    "score",  # of retrieval, against the best
    "log rank",
    "goal covered",  # share of the goal's constants that the premise mentions, by rarity
    "words covered",  # the same for the words of names
    "said besides",  # share of the premise's constants that the goal does not mention, by rarity
    "same head",
    "equation",
    "equivalence",
    "arguments",  # explicit ones, up to six
    "length",  # logarithm of the number of constants that the premise mentions
)


@dataclass(frozen=True, slots=True)
class TacticOrder:
    """What is tried first: families, each with the place among its candidates (the last one: that and all later)."""

    ranked: tuple[tuple[str, int], ...]

    @property
    def identity(self) -> str:
        """A name that changes with the content: part of every record."""
        return f"order@{hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Write it into a folder. `about`: what it was made of."""
        text = json.dumps({"order": self.ranked, "about": about}, ensure_ascii=False)
        (folder / ORDER).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> TacticOrder:
        """Read it.

        Raises:
            InvalidPolicyError: there is none in that folder.
        """
        path = folder / ORDER
        try:
            order = json.loads(path.read_text(encoding="utf-8"))["order"]
            return cls(tuple((str(family), int(place)) for family, place in order))
        except FileNotFoundError:
            raise InvalidPolicyError(f"there is no learned order in {folder}; `make small-model` makes one") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidPolicyError(f"{path} is no learned order: {error!r}") from error

    def order(self, families: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the numbers of the candidates that are known, in the order in which to try them.

        `families` and `places` of each candidate. Of equals the earlier comes first.
        """
        rank = {entry: at for at, entry in enumerate(self.ranked)}
        last: dict[str, int] = {}
        for family, place in self.ranked:
            last[family] = max(place, last.get(family, 0))
        found = [
            (rank[family, min(place, last[family])], at)
            for at, (family, place) in enumerate(zip(families, places, strict=True))
            if family in last
        ]
        return [at for _, at in sorted(found)]
