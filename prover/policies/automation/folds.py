"""Folds over lists of an operation that associates and has a unit: what stands at the start can be taken out.

`foldl op x l` is `op x (foldl op e l)`, and the same from the right. With this law an induction on the list relates
folds from both sides, folds of `l ++ m` and of `l.reverse`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed, type_text, written

EQUATIONS = "List.foldl_cons, List.foldl_nil, List.foldr_cons, List.foldr_nil"
TAKEN_OUT = {
    "List.foldl": "List.foldl {op} x l = {op} x (List.foldl {op} {e} l)",
    "List.foldr": "List.foldr {op} x l = {op} (List.foldr {op} {e} l) x",
}


def folds(view: GoalView) -> Iterator[Weighted]:
    """The law for each fold of the goal, then induction on a list."""
    laws = list(dict.fromkeys(law for part in view.target for law in _laws(view, part)))
    lists = [(name, type_) for name, type_ in view.variables.items() if type_.head == "List" and accessible(name)]
    names = f"{EQUATIONS}, {listed(view.cited)}" if view.cited else EQUATIONS
    for name, type_ in lists if laws else []:
        with suppress(ValueError):
            bound = f"∀ (l : {type_text(type_)}) x"
            tried = [
                f"try have out{place or ''} : {bound}, {law} := by intro l; induction l <;> grind [{EQUATIONS}]"
                for place, law in enumerate(laws)
            ]
            yield "\n".join([*tried, f"induction {name} <;> grind [{names}]"]), 0.10


def _laws(view: GoalView, term: Term) -> Iterator[str]:
    """Return the law of a fold that occurs."""
    if term.head in TAKEN_OUT and not term.variable and len(term.args) >= 4:
        *_, op, start, _ = term.args
        with suppress(ValueError):
            yield TAKEN_OUT[term.head].format(op=written(view, op), e=written(view, start))
