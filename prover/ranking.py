"""What a model that ranks candidates reads, and the table of what it ranks: shared by training and search.

The model reads a goal, the names of the premises that were retrieved for it, and a token that asks for the ranking. At
that token two logits belong to each family of candidates (prover/policy/families.py): how much likelier than usual one
of them closes this goal (log-odds, added to the family's own), and how much longer than usual it takes (log-seconds).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

TABLE = "ranking.json"
BEGIN, END, ASK = "<s>", "</s>", "<|rank|>"
GOAL_TOKENS, PREMISE_TOKENS = 160, 48
PREMISES = 4
OVERHEAD_S = 0.004
"""What a tactic costs beside the assistant's own time."""


@dataclass(frozen=True, slots=True)
class FamilyTable:
    """What is known of each family without looking at the goal.

    `odds`: log-odds that its first candidate closes a goal; `places`: what the place among its candidates adds to that
    (the last is for all later ones); `log_seconds`: mean logarithm of the seconds it takes; `first_token`: families
    have the tokens from here on, first all for the odds, then all for the seconds.
    """

    families: tuple[str, ...]
    odds: tuple[float, ...]
    places: tuple[float, ...]
    log_seconds: tuple[float, ...]
    first_token: int

    def write(self, folder: Path) -> None:
        """Write it beside the model."""
        (folder / TABLE).write_text(json.dumps(asdict(self), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> FamilyTable:
        """Read it. Raises OSError, ValueError, KeyError, TypeError."""
        content = json.loads((folder / TABLE).read_text(encoding="utf-8"))
        lists = {name: tuple(content[name]) for name in ("families", "odds", "places", "log_seconds")}
        return cls(**lists, first_token=int(content["first_token"]))

    def place(self, number: int) -> float:
        """Return what a place adds to the log-odds."""
        return self.places[min(number, len(self.places) - 1)]


def family_token(number: int, *, seconds: bool = False) -> str:
    """Return the text of a family's token."""
    return f"<|{'seconds' if seconds else 'family'} {number}|>"


def question(encode: Callable[[str], list[int]], begin: int, ask: int, goal: str, premises: Sequence[str]) -> list[int]:
    """Return the tokens of a question. Of a long goal the end is read, where the target stands."""
    names = encode("\n" + " ".join(premises[:PREMISES]))[:PREMISE_TOKENS]
    return [begin, *encode(goal)[-GOAL_TOKENS:], *names, ask]


def value(log_odds: float, log_seconds: float) -> float:
    """Return the chance that a candidate closes the goal, by the seconds that it takes.

    To try the largest first is the fastest way to a proof, if one does not depend on the other.
    """
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds)))) / (math.exp(min(log_seconds, 3.0)) + OVERHEAD_S)
