"""A case split on one variable of small range."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.bounds import bound_proof, range_of
from prover.policies.terms import GoalView, Weighted, showable

MOST_BRANCHES = 100  # of one case split


def splits(view: GoalView) -> Iterator[Weighted]:
    """Split a variable of small range into its values and close every case by automation."""
    for name, kind in view.numbers.items():
        values = range_of(name, kind, view.facts)
        if not values or len(values) > MOST_BRANCHES:
            continue
        split = case_split(name, values, bound_proof(name, showable(view.facts)), kind)
        weight = 0.05 if len(values) <= 20 else 0.02
        for finish in ("omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", weight


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
