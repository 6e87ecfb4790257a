"""Signs and sizes of products and squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.shapes import subterms
from prover.policies.terms import GoalView, Term, Weighted, distinct, show


def products(view: GoalView) -> Iterator[Weighted]:
    """Signs and sizes of products and squares as hints, then automation."""
    hints = product_hints(view.terms)
    if hints:
        block = "\n".join(hints)
        yield f"{block}\ngrind", 0.02
        yield f"{block}\nomega", 0.02


def product_hints(terms: Sequence[Term]) -> list[str]:
    """Lines that add what the signs of factors say about a product, where linear arithmetic can prove the signs."""
    hints: list[str] = []
    for term in distinct(subterms(terms)):
        match term:
            case Term("^", (base, Term(number=2)), type="Nat" | "Int") if base.variables:
                factors = base, base
            case Term("*", (left, right), type="Nat" | "Int") if left.variables and right.variables:
                factors = left, right
            case _:
                continue
        try:
            a, b = map(show, factors)
        except ValueError:
            continue
        if term.type == "Int":
            hints.append(f"try have := Int.mul_pos (a := {a}) (b := {b}) (by omega) (by omega)")
            hints.append(f"try have := Int.mul_nonneg (a := {a}) (b := {b}) (by omega) (by omega)")
        else:
            hints.append(f"try have := Nat.mul_pos (m := {a}) (n := {b}) (by omega) (by omega)")
            hints.append(f"try have := Nat.le_mul_of_pos_left {a} (n := {b}) (by omega)")
            hints.append(f"try have := Nat.le_mul_of_pos_right {a} (n := {b}) (by omega)")
    return hints[:12]
