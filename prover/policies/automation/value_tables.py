"""Functions on Bool and other variables of two values: every table of values, and then calculation.

`f : Bool → Bool` is one of four functions; what is said of it holds by looking at each.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import function_variables
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed

MOST_SPLITS = 5  # 32 cases
BOOL = Term("Bool")


def value_tables(view: GoalView) -> Iterator[Weighted]:
    """Split on the values of functions from Bool to Bool, and on variables."""
    functions = [
        (name, arguments)
        for name, arguments, result in function_variables(view)
        if result == BOOL and set(arguments) == {BOOL} and len(arguments) <= 2
    ]
    if not functions:
        return
    splits: list[str] = []
    for name, arguments in functions:
        for values in (
            ("true", "false") if len(arguments) == 1 else ("true true", "true false", "false true", "false false")
        ):
            splits.append(f"cases h{len(splits)} : {name} {values}")
    splits += [f"cases {name}" for name, kind in view.variables.items() if kind == BOOL and accessible(name)]
    if len(splits) <= MOST_SPLITS:
        yield f"{' <;> '.join(splits)} <;> first | (simp_all [{listed(view.cited)}]; done) | grind", 0.10
