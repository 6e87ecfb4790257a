"""Retrieval of premises by BM25, on a library small enough to compute the scores again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from prover.core.library import Library, LibraryTheorem
from prover.core.proof_state import Goal
from prover.core.theorem import Theorem
from prover.policies.premises.retrieval import K1, REORDERED, SAME_HEAD, B, PremiseIndex, Premises

SYMBOLS = ("Nat", "HAdd.hAdd", "List.length", "Eq", "Nat.add")
NAMES = {
    "Nat.add_comm": (0, 1, 3),
    "Nat.add_add_add_comm": (0, 1, 3),
    "List.length_append": (1, 2, 3),
    "Nat.add_eq": (0, 1, 3, 4),
    "List.nil_eq": (3,),
}
LIBRARY = Library(
    modules=(("Init", ()),),
    symbols=SYMBOLS,
    theorems=tuple(LibraryTheorem(name, 0, f"key of {name}", "Eq", numbers, 1) for name, numbers in NAMES.items()),
)
GOAL = Goal("⊢ a + b = b + a", "Eq", (), (), ["Eq", ["Nat"], ["HAdd.hAdd", ["Nat.add"], "a"], "b"])


def scores(index: PremiseIndex, goal: Goal) -> list[tuple[float, int]]:
    """BM25 as its formula says, over what finds each theorem."""
    documents = [index.words_of(i) for i in range(len(index.library.theorems))]
    mean = sum(sum(words.values()) for words in documents) / len(documents)
    found = []
    for i, words in enumerate(documents):
        length, score = sum(words.values()) / mean, 0.0
        for word, weight in index.query(goal).items():
            mentioning = sum(word in other for other in documents)
            rarity = math.log(1 + (len(documents) - mentioning + 0.5) / (mentioning + 0.5))
            count = words.get(word, 0.0)
            score += weight * rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * length)) if count else 0.0
        found.append((score * SAME_HEAD, -i))
    return sorted(found, reverse=True)


def test_scores_are_those_of_the_formula() -> None:
    index = PremiseIndex(LIBRARY)
    found = index.retrieve(GOAL, len(NAMES), modules=None, forbidden=frozenset())
    expected = scores(index, GOAL)
    assert [i for i, _ in found] == [-i for _, i in expected]
    assert [score for _, score in found] == pytest.approx([score for score, _ in expected])


def test_one_goal_is_looked_up_once_for_all_who_ask() -> None:
    asked: list[Goal] = []

    class Counting:
        identity = "counting"

        def __call__(self, index: PremiseIndex, goal: Goal, found: Sequence[tuple[int, float]]) -> list[int]:
            asked.append(goal)
            return [i for i, _ in found]

    premises = Premises.of(PremiseIndex(LIBRARY), Theorem.from_text("theorem t : True"), Counting())
    best = premises.for_goal(GOAL, REORDERED)
    assert [premises.for_goal(GOAL, 1), premises.for_goal(GOAL, 3)] == [best[:1], best[:3]]
    other = Goal("⊢ [] = []", "Eq", (), (), ["Eq", ["List.length"], "a"])
    assert premises.for_goal(other, 1) != best[:1]
    assert asked == [GOAL, other]
    assert premises.for_goal(GOAL, 2) == best[:2]
