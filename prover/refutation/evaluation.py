"""What arithmetic says of an instance before Lean is asked: which cannot be a counterexample, which numbers to look at.

Only a filter. If the header gives an operator another meaning, a counterexample may be missed, and never made up.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from prover.policies.terms import NUMBERS, Function, GoalView, Term, Value, evaluate, literals

MOST_LANDMARKS = 40
_SMALL = 3
_LARGEST_LANDMARK = 10**9
_COMPUTED = {"Nat", "Int", "Sort"}
_OPERATORS = {"+", "-", "*", "/", "%", "^", "neg", "↑"}
_WORDS: dict[str, bool] = {"True": True, "False": False}


def landmarks(view: GoalView) -> tuple[int, ...]:
    """Return numbers that have to do with those of the statement: themselves, their neighbours, sums and products."""
    given = [number for number in literals(view.terms) if _SMALL <= number <= _LARGEST_LANDMARK]
    near = [n for number in given for n in (number, number + 1, number - 1)]
    pairs = list(itertools.combinations_with_replacement(given[:4], 2))
    far = [n for a, b in pairs for n in (a + b, a * b)]
    return tuple(dict.fromkeys(n for n in (*near, *far) if n <= _LARGEST_LANDMARK))[:MOST_LANDMARKS]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The hypotheses and the conclusion of a statement, as far as they can be computed. `kinds`: types by variable."""

    target: Term | None
    facts: tuple[Term, ...]
    kinds: Mapping[str, str]

    @classmethod
    def of(cls, view: GoalView) -> Evaluation:
        """Prepare for a statement whose variables are introduced."""
        kinds = {name: type_.head for name, type_ in view.variables.items() if type_.head in _COMPUTED}
        return cls(
            view.target if _computed(view.target) else None,
            tuple(fact.term for fact in view.facts if _computed(fact.term)),
            kinds,
        )

    def excludes(self, found: Mapping[str, str]) -> bool:
        """Is this, by all we know, no counterexample: a hypothesis is false, or the conclusion true?"""
        values: dict[str, Value | Function] = {
            name: value for name in self.kinds if (value := _value(found.get(name, ""))) is not None
        }
        if any(evaluate(fact, values) is False for fact in self.facts):
            return True
        return self.target is not None and evaluate(self.target, values) is True


def _computed(term: Term) -> bool:
    """Are all operators in it those of whole or rational numbers?"""
    return all(part.type in NUMBERS for part in term if part.head in _OPERATORS)


def _value(text: str) -> Value | None:
    digits = text.strip("()")
    if digits.lstrip("-").isdigit():
        return int(digits)
    return _WORDS.get(text)
