"""Witnesses of `∃`, found by evaluation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted, evaluate

REACH = {1: 2000, 2: 60, 3: 16}  # numbers tried for each of so many variables
MOST_VARIABLES = max(REACH)


def witnesses(view: GoalView) -> Iterator[Weighted]:
    """`∃ x, P x`: numbers for which P evaluates to true."""
    names: list[tuple[str, str]] = []
    term = view.target
    while len(names) < MOST_VARIABLES:
        match term:
            case Term("∃", (Term("Nat" | "Int" as kind), body), name=name):
                names.append((name, kind))
                term = body
            case _:
                break
    if not names or not term.variables <= {name for name, _ in names}:
        return
    reach = REACH[len(names)]
    spans = [range(reach) if kind == "Nat" else _from_zero(reach) for _, kind in names]
    found = 0
    for values in itertools.product(*spans):
        if evaluate(term, dict(zip((name for name, _ in names), values, strict=True))) is True:
            listed = ", ".join(str(value) for value in values)
            yield f"exact ⟨{listed}, by decide⟩", 0.2
            yield f"refine ⟨{listed}, ?_⟩ <;> simp", 0.05
            found += 1
            if found == 2:
                return


def _from_zero(reach: int) -> list[int]:
    return [value for n in range(reach) for value in ((n, -n) if n else (0,))]
