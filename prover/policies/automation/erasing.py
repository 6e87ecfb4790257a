"""The pigeonhole principle for lists: what is in one list is in another, and lengths are to be compared.

Induction on the first list, with its first element erased from the other. Where elements are numbers below n, the other
list is `List.range n`.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed

BY_ERASING = """\
classical
induction {xs} generalizing {ys} with
| nil => grind [{names}]
| cons head tail ih =>
  have first_of : head ∈ {ys} := by grind
  have := ih ({ys}.erase head)
  have := List.length_erase_of_mem first_of
  have := List.length_pos_of_mem first_of
  by_cases head ∈ tail <;> grind [{names}]"""
BELOW = """\
have below : ∀ (l m : List Nat), l.Nodup → (∀ x, x ∈ l → x ∈ m) → l.length ≤ m.length := by
  intro l m h k
  induction l generalizing m with
  | nil => simp
  | cons head tail ih =>
    have first_of : head ∈ m := by grind
    have := ih (m.erase head)
    have := List.length_erase_of_mem first_of
    have := List.length_pos_of_mem first_of
    grind
have := below {xs} (List.range {n})
grind [{names}]"""


def erasing(view: GoalView) -> Iterator[Weighted]:
    """Each hypothesis that says where the elements of a list are."""
    known = [fact.term.head for fact in view.facts if fact.term.head in view.header.rules]
    names = listed([*dict.fromkeys(known), *view.cited])
    for fact in view.facts:
        if not accessible(fact.name):
            continue
        match fact.term:
            case Term("∀", (_, Term("→", (Term("∈", (_, xs)), Term("∈", (_, ys)))))) | Term(
                "HasSubset.Subset", (_, _, xs, ys)
            ) if xs.variable and ys.variable and xs != ys:
                yield BY_ERASING.format(xs=xs.head, ys=ys.head, names=names), 0.12
            case Term(
                "∀",
                (
                    _,
                    Term("→", (Term("∈", (x, xs)), Term("<", (same, n)))),
                ),
            ) if x == same and xs.variable and n.variable:
                yield BELOW.format(xs=xs.head, n=n.head, names=names), 0.10
