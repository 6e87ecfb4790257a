"""Rational numbers between others: halves and midpoints, where hypotheses speak of all rational numbers.

`∀ ε > 0, a ≤ b + ε` is used at half of `a - b`, `∀ y > 0, x ≤ y` at half of x, and `∃ c, a < c ∧ c < b` has the middle.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, written

MOST_VARIABLES = 4
MOST_INSTANCES = 16
MOST_WITNESSES = 4
MOST_OCCURRING = 2


def midpoints(view: GoalView) -> Iterator[Weighted]:
    """Instances of hypotheses about all rational numbers, and witnesses."""
    names = [name for name, kind in view.numbers.items() if kind == "Rat" and accessible(name)][-MOST_VARIABLES:]
    if view.target.head == "∃" and view.target.args[0].head == "Rat":
        pairs = [f"({a} + {b}) / 2" for a, b in itertools.combinations(names, 2)]
        shifted = [text for x in names for text in (f"{x} / 2", f"{x} + 1", f"{x} - 1", f"{x} * 2")]
        for place, witness in enumerate([*pairs, *shifted][:MOST_WITNESSES]):
            yield f"refine ⟨{witness}, ?_⟩\ngrind", 0.08 * 0.8**place
    used = [f"have := {use}" for use in _instances(view, names)][:MOST_INSTANCES]
    if used:
        denied = ["refine Classical.byContradiction fun hc => ?_"] if view.target.head != "False" else []
        yield "\n".join([*denied, *used, "grind"]), 0.08


def _instances(view: GoalView, names: list[str]) -> Iterator[str]:
    between = [f"(({a} - {b}) / 2)" for a, b in itertools.permutations(names, 2)]
    between += [f"(({a} + {b}) / 2)" for a, b in itertools.combinations(names, 2)]
    halves = [f"({x} / 2)" for x in names]
    texts = [*_occurring(view), *halves, *between, *(f"({x} {sign} 1)" for x in names for sign in "+-")]
    for fact in view.facts:
        match fact.term:
            case Term("∀", (Term("Rat"), body)) if accessible(fact.name) and not _says_what_exists(body):
                yield from (f"{fact.name} {text}" for text in texts)


def _occurring(view: GoalView) -> list[str]:
    """Return the largest sums and differences of the target that have variables of the goal only."""
    found: list[str] = []
    for part in view.target:
        if part.type == "Rat" and part.head in {"+", "-"} and part.variables:
            with suppress(ValueError):  # of a bound variable
                text = written(view, part)
                if not any(text in known for known in found):
                    found.append(text)
    return found[:MOST_OCCURRING]


def _says_what_exists(term: Term) -> bool:
    while term.head in {"→", "∀"}:
        term = term.args[1]
    return term.head == "∃"
