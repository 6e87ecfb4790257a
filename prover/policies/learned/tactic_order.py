"""The learned order of the closers' candidates: one for all goals, and others for goals of some kinds.

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
from prover.policies.goal_kinds import GoalKind

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

    def write(self, folder: Path, about: dict[str, Any], kind: GoalKind | None = None) -> None:
        """Write the file into a folder. `about`: what it was learned from. `kind`: of the goals that it is for."""
        text = json.dumps({"order": self.ranked, "about": about}, ensure_ascii=False)
        (folder / file_of(kind)).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, kind: GoalKind | None = None) -> TacticOrder:
        """Read the order for all goals, or for one kind, from a folder.

        Raises:
            InvalidPolicyError: there is none, or it cannot be read.
        """
        path = folder / file_of(kind)
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


def file_of(kind: GoalKind | None) -> str:
    """Return the name of the file with the order for goals of a kind, or for all."""
    return f"order-{kind}.json" if kind else "order.json"


def orders_of_kinds(folder: Path) -> dict[GoalKind, TacticOrder]:
    """Read the orders that a folder has for single kinds of goals.

    Raises:
        InvalidPolicyError: one cannot be read.
    """
    return {kind: TacticOrder.read(folder, kind) for kind in GoalKind if (folder / file_of(kind)).exists()}
