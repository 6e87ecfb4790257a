"""Functions of an optimiser that stand for a constructor, and mean the same: `plus' a b` is worth what `plus a b` is.

For each function of the header that makes an expression, and each that the goal evaluates expressions with, the law is
proved by the cases of its definition; a function of one expression may also keep its value. Then comes an induction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.environments.syntax.lean.signatures import Signature
from prover.policies.automation.recursion import calls
from prover.policies.scope import several_fresh
from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import accessible, defined, listed

MOST_LAWS = 6
MOST_CALLS = 2
MOST_WAYS = 3


def smart_constructors(view: GoalView) -> Iterator[Weighted]:
    """The laws that hold, then the goal by induction."""
    rules = listed(view.cited)
    closing = f"first | grind [{rules}] | (simp_all [{rules}]; done)"
    laws = [line for line in _laws(view, closing) if line][:MOST_LAWS]
    if not laws:
        return
    ways = [f"| (fun_induction {call} <;> {closing})" for call in calls(view)[:MOST_CALLS]]
    for variable in [name for name in sorted(view.target.variables) if name in view.variables and accessible(name)]:
        if view.variables[variable].head in view.header.types:
            ways.append(f"| (induction {variable} <;> {closing})")
    yield "\n".join([*laws, "first", *ways[-MOST_WAYS:]]), 0.12


def _laws(view: GoalView, closing: str) -> Iterator[str]:
    """Yield lines that state what an evaluation of the target makes of another function's results."""
    known = [each for each in view.header.signatures if each.name in view.definitions]
    heads = {part.head for part in view.target}
    pairs = itertools.product((each for each in known if each.name not in heads), known)
    for number, (makes, values) in enumerate(pairs):
        result = makes.result
        if values.name in heads and values.result != result and {*makes.arguments} & {*values.arguments} & {result}:
            yield _law(view, f"law_{number}", makes, values, closing)


def _law(view: GoalView, name: str, makes: Signature, values: Signature, closing: str) -> str:
    """Return the line for the constructor that the function stands for, if it takes the same, or for its argument."""
    given = several_fresh("x", len(makes.arguments), view.variables)
    place = values.arguments.index(makes.result)
    before = several_fresh("s", place, view.variables)
    after = several_fresh("t", len(values.arguments) - place - 1, view.variables)
    names = " ".join([*before, *after, *given])
    call = " ".join([defined(makes.name), *given])

    def value(text: str) -> str:
        return " ".join([defined(values.name), *before, text, *after])

    meant = [
        (f"({each.name} {' '.join(given)})", f"fun_cases {call}")
        for each in view.header.constructors.get(makes.result, ())
        if each.arguments == makes.arguments
    ]
    if len(given) == 1:
        meant.append((given[0], f"fun_induction {call}"))
    stated = (
        f"(have {name} : ∀ {names}, {value(f'({call})')} = {value(text)} := by (intro {names}; {way} <;> {closing}))"
        for text, way in meant
    )
    return f"first | {' | '.join(stated)} | skip" if meant else ""
