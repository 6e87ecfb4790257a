"""What a model that ranks candidates reads, and the table of what it ranks: shared by training and search.

Goals come in kinds that nobody has named: of one kind are goals which the same families of candidates close
(prover/policy/families.py). The table says how common each kind is, and for each kind how likely each family closes a
goal and how long that takes. The model reads a goal, the names of the premises that were retrieved for it, and a token
that asks; at that token one logit belongs to each kind: how much likelier than usual this goal is of it.

An order follows: first the candidate with the best chance a second; next the one with the best chance a second if the
first has failed, which makes kinds less likely whose goals it closes; and so on. So what fails together is not tried
together.
"""

from __future__ import annotations

import json
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
    """What is known of each family without looking at the goal. K kinds, F families.

    `kinds` [K]: log-probability of each kind; `odds` [K][F]: log-odds that the first candidate of a family closes a
    goal of a kind; `places`: what the place among its candidates adds to that (the last is for all later ones);
    `seconds` [K][F]: the mean; `first_token`: kinds have the tokens from here on.
    """

    families: tuple[str, ...]
    kinds: tuple[float, ...]
    odds: tuple[tuple[float, ...], ...]
    places: tuple[float, ...]
    seconds: tuple[tuple[float, ...], ...]
    first_token: int

    def write(self, folder: Path) -> None:
        """Write it beside the model."""
        (folder / TABLE).write_text(json.dumps(asdict(self), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> FamilyTable:
        """Read it. Raises OSError, ValueError, KeyError, TypeError."""
        content = json.loads((folder / TABLE).read_text(encoding="utf-8"))
        return cls(
            families=tuple(content["families"]),
            kinds=tuple(content["kinds"]),
            odds=tuple(map(tuple, content["odds"])),
            places=tuple(content["places"]),
            seconds=tuple(map(tuple, content["seconds"])),
            first_token=int(content["first_token"]),
        )

    def order(self, added: Sequence[float], families: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the numbers of the candidates that are known, in the order in which to try them.

        `added` [K]: what the model adds to the log-probabilities of the kinds; `families` and `places` of each
        candidate. Of equals the earlier comes first.
        """
        import numpy as np

        number = {family: at for at, family in enumerate(self.families)}
        known = [at for at, family in enumerate(families) if family in number]
        if not known:
            return []
        of_family = [number[families[at]] for at in known]
        at_place = np.array([self.places[min(places[at], len(self.places) - 1)] for at in known])
        odds = np.array(self.odds)[:, of_family] + at_place
        closes = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        seconds = np.array(self.seconds)[:, of_family] + OVERHEAD_S
        logits = np.array(self.kinds) + np.asarray(added, dtype=float)
        kinds = np.exp(logits - logits.max())
        left = np.ones(len(known), dtype=bool)
        order: list[int] = []
        for _ in known:
            worth = np.where(left, kinds @ closes / (kinds @ seconds), -1.0)
            best = int(worth.argmax())
            left[best] = False
            order.append(known[best])
            kinds = kinds * (1 - closes[:, best])
            kinds = kinds / kinds.sum()
        return order


def kind_token(number: int) -> str:
    """Return the text of a kind's token."""
    return f"<|kind {number}|>"


def question(encode: Callable[[str], list[int]], begin: int, ask: int, goal: str, premises: Sequence[str]) -> list[int]:
    """Return the tokens of a question. Of a long goal the end is read, where the target stands."""
    names = encode("\n" + " ".join(premises[:PREMISES]))[:PREMISE_TOKENS]
    return [begin, *encode(goal)[-GOAL_TOKENS:], *names, ask]
