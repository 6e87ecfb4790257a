"""A case split on one variable of small range. Where everything else is linear then, linear arithmetic decides."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.bounds import bound_proof, range_of
from prover.policies.arithmetic.shapes import multiplies_variables
from prover.policies.terms import GoalView, Term, Weighted, put, showable

MOST_BRANCHES = 100  # of one case split


def splits(view: GoalView) -> Iterator[Weighted]:
    """Split a variable of small range into its values and close every case by automation."""
    for _, split, branches in _splits(view):
        weight = 0.05 if branches <= 20 else 0.02
        for finish in ("omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", weight


def linear_splits(view: GoalView) -> Iterator[Weighted]:
    """Split a variable without which no products of variables are left."""
    if any(map(multiplies_variables, view.terms)):
        for name, split, _ in _splits(view):
            if not any(multiplies_variables(put(term, name, Term.integer(2))) for term in view.terms):
                yield f"{split} <;> omega", 0.25


def _splits(view: GoalView) -> Iterator[tuple[str, str, int]]:
    """Yield the variables of small range, how to split them, and into how many cases."""
    for name, kind in view.numbers.items():
        values = range_of(name, kind, view.facts)
        if values and len(values) <= MOST_BRANCHES:
            yield name, case_split(name, values, bound_proof(name, showable(view.facts)), kind), len(values)


def case_split(name: str, values: range, proof: str, kind: str) -> str:
    """Return a tactic that replaces a variable by each of its values. `proof`: of the bound from above."""
    pattern = " | ".join(["rfl"] * len(values))
    if len(values) <= 12:
        cases = " ∨ ".join(f"{name} = {value}" for value in values)
        return f"rcases (by omega : {cases}) with {pattern}"
    low, variable = values[0], f"k_{name}"
    lines = [f"have hb_{name} : {name} ≤ {values[-1]} := by {proof}"]
    shift = f"{name} = {low} + {variable}" if kind == "Nat" else f"{name} = {low} + ({variable} : Int)"
    value = f"{name} - {low}" if kind == "Nat" else f"({name} - {low}).toNat"
    exists = f"∃ {variable} : Nat, {variable} < {len(values)} ∧ {shift}"
    lines.append(f"obtain ⟨{variable}, hr_{name}, rfl⟩ : {exists} := ⟨{value}, by omega, by omega⟩")
    lines.append(f"replace hr_{name} := List.mem_range.mpr hr_{name}")
    lines.append(f"simp only [List.range, List.range.loop, List.mem_cons, List.not_mem_nil, or_false] at hr_{name}")
    return "\n".join([*lines, f"rcases hr_{name} with {pattern}"])
