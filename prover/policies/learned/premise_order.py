"""The learned order of retrieved premises: a weighted sum of features.

The features of a premise at a goal are cheap: how retrieval scored it, how much of the goal it covers, how much it
mentions that the goal does not. `python -m prover.train.premise_order` learns the weights; research/learning.md says
what they gain.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.core.proof_state import Goal
from prover.errors import InvalidPolicyError
from prover.policies.premises.retrieval import PremiseIndex, PremiseSource

PREMISE_WEIGHTS = "premises.json"
FEATURES = (
    "score",  # of retrieval, relative to the best
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


def features(index: PremiseIndex, goal: Goal, found: Sequence[tuple[int, float]]) -> list[tuple[float, ...]]:
    """Return the features of each retrieved premise, one number for each of FEATURES."""
    wanted = {word: weight * index.rarity(word) for word, weight in index.query(goal).items()}
    constants = sum(weight for word, weight in wanted.items() if not word.startswith("~")) or 1.0
    words = sum(weight for word, weight in wanted.items() if word.startswith("~")) or 1.0
    best = found[0][1] if found else 1.0
    seen: list[tuple[float, ...]] = []
    for rank, (i, score) in enumerate(found, start=1):
        theorem = index.library.theorems[i]
        found_by = index.words_of(i)
        mentioned = [word for word in found_by if not word.startswith("~")]
        named = [word for word in found_by if word.startswith("~")]
        said = sum(map(index.rarity, mentioned)) or 1.0
        seen.append(
            (
                score / best,
                math.log(rank),
                sum(wanted.get(word, 0.0) for word in mentioned) / constants,
                sum(wanted.get(word, 0.0) for word in named) / words,
                sum(index.rarity(word) for word in mentioned if word not in wanted) / said,
                float(theorem.head == goal.target),
                float(theorem.head == "Eq"),
                float(theorem.head == "Iff"),
                min(theorem.explicit, 6) / 6,
                math.log1p(len(mentioned)),
            )
        )
    return seen


@dataclass(frozen=True, slots=True)
class LearnedPremiseOrder:
    """Premises by a weighted sum of FEATURES, the largest first; ties stay in the order of retrieval."""

    weights: tuple[float, ...]

    @classmethod
    def read(cls, folder: Path) -> LearnedPremiseOrder:
        """Read premises.json of a folder.

        Raises:
            InvalidPolicyError: it cannot be read.
        """
        path = folder / PREMISE_WEIGHTS
        try:
            weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
            return cls(tuple(float(weights[feature]) for feature in FEATURES))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidPolicyError(f"{path} is no learned order of premises: {error!r}") from error

    @property
    def identity(self) -> str:
        """A name that changes with the weights."""
        return f"premises@{hashlib.sha256(repr(self.weights).encode()).hexdigest()[:12]}"

    def __call__(self, index: PremiseIndex, goal: Goal, found: Sequence[tuple[int, float]]) -> list[int]:
        """See PremiseOrder."""
        worth = [sum(w * f for w, f in zip(self.weights, row, strict=True)) for row in features(index, goal, found)]
        return [found[at][0] for at in sorted(range(len(found)), key=lambda at: -worth[at])]


def in_learned_order(library: PremiseSource, folder: Path) -> PremiseSource:
    """Return the library with premises in the order that the folder has, unchanged if it has none.

    Raises:
        InvalidPolicyError: the order cannot be read.
    """
    return library.in_order(LearnedPremiseOrder.read(folder)) if (folder / PREMISE_WEIGHTS).exists() else library
