"""Witnesses of `∃`, found by evaluation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.terms import GoalView, Weighted, evaluate


def witnesses(view: GoalView) -> Iterator[Weighted]:
    """`∃ x, P x`: numbers for which P evaluates to true."""
    names: list[tuple[str, str]] = []
    term = view.target
    while term.head == "∃" and term.args[0].head in {"Nat", "Int"} and len(names) < 3:
        names.append((term.name, term.args[0].head))
        term = term.args[1]
    if not names or not term.variables <= {name for name, _ in names}:
        return
    reach = {1: 2000, 2: 60, 3: 16}[len(names)]
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
