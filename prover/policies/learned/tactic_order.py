"""The learned order of the closers' candidates, the same for all goals.

First comes the candidate (../automation/placed_candidates.py) with the best chance per second, then the one with the
best chance where that has failed, and so on. `python -m prover.train.tactic_order` learns it.
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
"""What a tactic costs beyond the proof assistant's own time."""


@dataclass(frozen=True, slots=True)
class TacticOrder:
    """Families, each with a place among its candidates, the first to try first.

    The last place of a family stands for all later ones as well.
    """

    ranked: tuple[tuple[str, int], ...]

    @property
    def identity(self) -> str:
        """A name that changes with the content: part of every record."""
        return f"order@{hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Write order.json into a folder. `about`: what it was learned from."""
        text = json.dumps({"order": self.ranked, "about": about}, ensure_ascii=False)
        (folder / ORDER).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> TacticOrder:
        """Read order.json of a folder.

        Raises:
            InvalidPolicyError: there is none, or it cannot be read.
        """
        path = folder / ORDER
        try:
            order = json.loads(path.read_text(encoding="utf-8"))["order"]
            return cls(tuple((str(family), int(place)) for family, place in order))
        except FileNotFoundError:
            raise InvalidPolicyError(
                f"there is no learned order in {folder}; `python -m prover.train.tactic_order` makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidPolicyError(f"{path} is no learned order: {error!r}") from error

    def order(self, families: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the indices of the candidates that are ranked, in the order in which to try them.

        `families` and `places`: of each candidate. Ties go to the earlier candidate.
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
