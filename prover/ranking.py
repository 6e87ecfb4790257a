"""What is learned from mined outcomes: an order of the closers' candidates, the same for all goals; and of premises.

The table says of each family of candidates (prover/policy/families.py) how likely it closes a goal, and how long that
takes. The candidate with the best chance a second comes first. Premises are ordered by a weight for each thing that is
seen of one at a goal (prover/policy/premise_order.py).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prover.errors import InvalidPolicyError

TABLE = "order.json"
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
class FamilyTable:
    """What is known of each of F families.

    `odds` [F]: log-odds that its first candidate closes a goal; `places`: what the place among its candidates adds to
    that (the last is for all later ones); `seconds` [F]: the mean.
    """

    families: tuple[str, ...]
    odds: tuple[float, ...]
    places: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def identity(self) -> str:
        """A name that changes with the content: part of every record."""
        return f"order@{hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Write it into a folder. `about`: what it was made of."""
        text = json.dumps({**asdict(self), "about": about}, ensure_ascii=False)
        (folder / TABLE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> FamilyTable:
        """Read it.

        Raises:
            InvalidPolicyError: there is none in that folder.
        """
        path = folder / TABLE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(*(tuple(content[name]) for name in ("families", "odds", "places", "seconds")))
        except FileNotFoundError:
            raise InvalidPolicyError(f"there is no learned order in {folder}; `make small-model` makes one") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidPolicyError(f"{path} is no learned order: {error!r}") from error

    def order(self, families: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the numbers of the candidates that are known, in the order in which to try them.

        `families` and `places` of each candidate. Of equals the earlier comes first.
        """
        number = {family: at for at, family in enumerate(self.families)}

        def worth(candidate: int) -> float:
            family = number[families[candidate]]
            place = min(places[candidate], len(self.places) - 1)
            closes = 1 / (1 + math.exp(-(self.odds[family] + self.places[place])))
            return closes / (self.seconds[family] + OVERHEAD_S)

        known = [at for at, family in enumerate(families) if family in number]
        return sorted(known, key=worth, reverse=True)
