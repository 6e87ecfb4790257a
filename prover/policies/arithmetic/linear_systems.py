"""Linear systems over the rationals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from prover.policies.arithmetic.shapes import equations
from prover.policies.terms import GoalView, Term, Weighted, evaluate


def rational_systems(view: GoalView) -> Iterator[Weighted]:
    """Linear equations over ℚ with one solution: its values, proved by `grind`, put in."""
    names = [name for name, kind in view.numbers.items() if kind == "Rat"]
    system = list(equations(view.facts, "Rat"))
    if not names or not system:
        return
    solution = _solve(names, system)
    if not solution:
        return
    lines = [f"have value_{name} : {name} = {value} := by grind" for name, value in solution.items()]
    lines.append(f"subst {' '.join(f'value_{name}' for name in solution)}")
    for finish in ("decide +kernel", "rfl", "simp_all"):
        yield "\n".join([*lines, finish]), 0.05


def _solve(names: Sequence[str], system: Sequence[Term]) -> dict[str, Fraction]:
    """Values of the variables that the equations determine; none if one of them is not linear."""
    rows: list[list[Fraction]] = []
    for equation in system:
        row = _linear(equation, names)
        if row is not None:
            rows.append(row)
    pivots: list[int] = []
    for column in range(len(names)):
        pivot = next((r for r in rows[len(pivots) :] if r[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [x / pivot[column] for x in pivot]
        rows = [[x - row[column] * p for x, p in zip(row, pivot, strict=True)] for row in rows]
        rows.insert(len(pivots), pivot)
        pivots.append(column)
    return {
        names[c]: -rows[i][-1] for i, c in enumerate(pivots) if not any(rows[i][k] for k in range(len(names)) if k != c)
    }


def _linear(equation: Term, names: Sequence[str]) -> list[Fraction] | None:
    def difference(values: dict[str, int]) -> Fraction | None:
        left, right = (evaluate(arg, values) for arg in equation.args)
        return None if left is None or right is None else Fraction(left) - Fraction(right)

    zero = dict.fromkeys(names, 0)
    constant = difference(zero)
    if constant is None:
        return None
    row = []
    for name in names:
        one, two = difference({**zero, name: 1}), difference({**zero, name: 2})
        if one is None or two is None or two - constant != 2 * (one - constant):
            return None
        row.append(one - constant)
    together = difference(dict.fromkeys(names, 1))
    return [*row, constant] if together == constant + sum(row) else None
