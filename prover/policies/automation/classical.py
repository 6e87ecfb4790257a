"""Classical logic: the denial pushed inwards, and a case distinction on what a predicate says of everything."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import bare
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

MOST_PREDICATES = 3
INWARDS = "Classical.not_forall, not_exists, Classical.not_imp, not_and, not_or, Classical.not_not"
_ORDER = ", ".join(f"{kind}.not_{relation}" for kind in ("Nat", "Int", "Rat") for relation in ("lt", "le"))


def classical(view: GoalView) -> Iterator[Weighted]:
    """Deny the goal, or ask whether a predicate of the goal holds anywhere or everywhere."""
    if not any(part.head in {"∀", "∃"} for term in view.terms for part in term):
        return
    if any(_denies_a_quantifier(part) for part in view.target):
        for rule in ("Classical.not_and_iff_not_or_not", "not_and"):
            yield f"simp only [{INWARDS.replace('not_and', rule)}, exists_prop, {_ORDER}]", 0.04
    denied = f"refine Classical.byContradiction fun hc => ?_\nsimp only [{INWARDS}] at *"
    yield f"{denied}\ngrind", 0.02
    predicates = [name for name, type_ in view.variables.items() if _is_predicate(bare(type_)) and accessible(name)]
    for predicate in predicates[:MOST_PREDICATES]:
        yield f"by_cases hx : ∃ x, ¬ {predicate} x <;> grind", 0.02
        yield f"by_cases hx : ∃ x, {predicate} x <;> grind", 0.015
    types = {part.head for type_ in view.variables.values() for part in type_ if part.variable}
    for name, type_ in list(view.variables.items()):
        if type_.head == "Sort" and name not in types and accessible(name):
            yield f"by_cases h_{name} : {name} <;> grind", 0.006


def _is_predicate(type_: Term) -> bool:
    return type_.head == "→" and type_.args[1].head == "Sort"


def _denies_a_quantifier(term: Term) -> bool:
    return term.head == "¬" and any(part.head in {"∀", "∃"} for part in term.args[0])
