"""A case split on one variable of small range."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.bounds import bound_of, bound_proof
from prover.policies.terms import GoalView, Weighted, showable

MOST_BRANCHES = 100  # of one case split


def splits(view: GoalView) -> Iterator[Weighted]:
    """Split a variable of small range into its values and close every case by automation."""
    for name, kind in view.numbers.items():
        if kind not in {"Nat", "Int"}:
            continue
        low, high = bound_of(name, view.facts)
        low = max(0, low or 0) if kind == "Nat" else low
        if low is None or not 0 <= high - low < MOST_BRANCHES:
            continue
        split = case_split(name, low, high, bound_proof(name, showable(view.facts)), kind)
        weight = 0.05 if high - low < 20 else 0.02
        for finish in ("omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", weight


def case_split(name: str, low: int, high: int, proof: str, kind: str) -> str:
    """Return a tactic that replaces a variable by each of its values."""
    pattern = " | ".join(["rfl"] * (high - low + 1))
    if high - low < 12:
        values = " ∨ ".join(f"{name} = {value}" for value in range(low, high + 1))
        return f"rcases (by omega : {values}) with {pattern}"
    variable = f"k_{name}"
    lines = [f"have hb_{name} : {name} ≤ {high} := by {proof}"]
    shift = f"{name} = {low} + {variable}" if kind == "Nat" else f"{name} = {low} + ({variable} : Int)"
    value = f"{name} - {low}" if kind == "Nat" else f"({name} - {low}).toNat"
    exists = f"∃ {variable} : Nat, {variable} < {high - low + 1} ∧ {shift}"
    lines.append(f"obtain ⟨{variable}, hr_{name}, rfl⟩ : {exists} := ⟨{value}, by omega, by omega⟩")
    lines.append(f"replace hr_{name} := List.mem_range.mpr hr_{name}")
    lines.append(f"simp only [List.range, List.range.loop, List.mem_cons, List.not_mem_nil, or_false] at hr_{name}")
    return "\n".join([*lines, f"rcases hr_{name} with {pattern}"])
