"""Universally quantified hypotheses at the variables that occur: what pattern matching in automation does not reach."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.terms import Fact, GoalView, Term, Weighted

MOST_INSTANCES = 12
MOST_TERMS = 3  # of one type
NUMERALS = {"Nat": ("0", "1"), "Int": ("0", "1")}


def at_variables(view: GoalView) -> Iterator[Weighted]:
    """All hypotheses `∀ x y, …` at all fitting variables, then automation; witnesses of `∀ x, ∃ y, …` one at a time."""
    instances: list[str] = []
    for fact in view.facts:
        found = _instances(view, fact)
        instances += found
        if _conclusion(fact.term).head == "∃":
            name = next(n for n in _fresh("w") if n not in view.variables)
            for i, instance in enumerate(found[:3]):
                yield f"obtain ⟨{name}, h_{name}⟩ := {instance}", 0.03 / (i + 1)
    if instances:
        block = _stated(instances)
        yield f"{block}\ngrind", 0.03
        yield f"{block}\nsimp_all", 0.01


def functional_equations(view: GoalView) -> Iterator[Weighted]:
    """`∀ x y, f (x + y) = …` at the variables, and then forgotten: automation would apply it for ever."""
    equations = [fact for fact in view.facts if "." not in fact.name and _is_functional_equation(fact.term)]
    instances = [instance for fact in equations for instance in _instances(view, fact)]
    if instances:
        forgotten = f"{_stated(instances)}\nclear {' '.join(fact.name for fact in equations)}"
        yield f"{forgotten}\ngrind", 0.30
        yield f"{forgotten}\nsimp at *\nomega", 0.10
        yield f"{forgotten}\nsimp_all", 0.05


def _is_functional_equation(term: Term) -> bool:
    conclusion = _conclusion(term)
    applied = [part for part in conclusion if part.head == "apply"]
    return term.head == "∀" and conclusion.head == "=" and len({part.args[0].head for part in applied}) < len(applied)


def _conclusion(term: Term) -> Term:
    while term.head == "∀":
        term = term.args[1]
    return term


def _instances(view: GoalView, fact: Fact) -> list[str]:
    domains: list[Term] = []
    term = fact.term
    while term.head == "∀":
        domains.append(term.args[0])
        term = term.args[1]
    if not domains or len(domains) > MOST_TERMS:
        return []
    choices = itertools.product(*(_of_type(view, domain) for domain in domains))
    return [f"{fact.name} {' '.join(terms)}" for terms in itertools.islice(choices, MOST_INSTANCES)]


def _stated(instances: Sequence[str]) -> str:
    return "\n".join(f"have := {instance}" for instance in instances[:MOST_INSTANCES])


def _of_type(view: GoalView, domain: Term) -> list[str]:
    named = [name for name, kind in view.variables.items() if kind == domain]
    return [*reversed(named[-MOST_TERMS:]), *NUMERALS.get(domain.head, ())]


def _fresh(stem: str) -> Iterator[str]:
    yield stem
    for i in itertools.count(1):
        yield f"{stem}{i}"
