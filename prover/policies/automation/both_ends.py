"""Induction on lists from both ends: the empty list, one element, and a list between a first and a last element.

Predicates whose rules put `x :: (l ++ [y])` together, and what is said of `l.reverse`, recurse in this way, for which
Lean has no induction. The principle is proved on the way, from induction on the length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed, type_text, written

PRINCIPLE = """\
have ends : ∀ said : {type} → Prop, said [] → (∀ x, said [x]) → (∀ x l y, said l → said (x :: (l ++ [y]))) →
    ∀ l, said l := by
  intro said nil one both l
  induction hl : l.length using Nat.strongRecOn generalizing l with | _ n ih =>
  match l with
  | [] => exact nil
  | [x] => exact one x
  | x :: y :: l =>
    rw [← List.dropLast_concat_getLast (List.cons_ne_nil y l)]
    exact both _ _ _ (ih _ (by simp_all <;> omega) _ rfl)"""


def both_ends(view: GoalView) -> Iterator[Weighted]:
    """The principle for each list that the goal reverses, or that a predicate of the header is about."""
    for name, type_ in view.variables.items():
        if type_.head == "List" and accessible(name) and _applies(view, name):
            with suppress(ValueError):
                yield _induction(view, name, type_), 0.10


def _applies(view: GoalView, name: str) -> bool:
    parts = [part for term in view.terms for part in term]
    reverses = any(part.head == "List.reverse" and part.args[-1].is_variable(name) for part in parts)
    by_rules = view.target.head in view.definitions and view.target.head not in view.cited
    return name in view.target.variables and ((reverses and by_rules) or any(map(_has_both_ends, parts)))


def _has_both_ends(term: Term) -> bool:
    """Is it `x :: (l ++ [y])`?"""
    match term:
        case Term("List.cons", (*_, Term("HAppend.hAppend", (*_, Term("List.cons", (*_, Term("List.nil"))))))):
            return True
    return False


def _induction(view: GoalView, name: str, type_: Term) -> str:
    about = [fact for fact in view.facts if name in fact.term.variables and fact.name.isidentifier()]
    premises = "".join(f"{written(view, fact.term)} → " for fact in about)
    claim = f"fun {name} : {type_text(type_)} => {premises}{written(view, view.target)}"
    rules = f" [{listed(view.cited)}]" if view.cited else ""
    given = " ".join(["_", *(fact.name for fact in about)])
    cases = f"intros <;> first | grind{rules} | (simp at *; grind{rules})"
    return f"{PRINCIPLE.format(type=type_text(type_))}\nrefine ends ({claim}) ?_ ?_ ?_ {given} <;> {cases}"
