"""Signs and sizes of products and squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    for term in distinct(t for whole in terms for t in whole):
        if term.head not in {"*", "^"} or term.type not in {"Nat", "Int"} or not term.args[0].variables:
            continue
        try:
            if term.head == "^" and term.args[1].number == 2:
                a, b = show(term.args[0]), show(term.args[0])
            elif term.head == "*" and term.args[1].variables:
                a, b = show(term.args[0]), show(term.args[1])
            else:
                continue
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
