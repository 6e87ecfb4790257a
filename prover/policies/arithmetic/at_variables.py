"""Universally quantified hypotheses at the variables that occur: what pattern matching in automation does not reach."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.shapes import applications
from prover.policies.scope import fresh
from prover.policies.terms import NUMBERS, Fact, GoalView, Term, Weighted

MOST_INSTANCES = 12
MOST_TERMS = 3  # of one type
NUMERALS = {"Nat": ("0", "1"), "Int": ("0", "1")}


def at_variables(view: GoalView) -> Iterator[Weighted]:
    """All hypotheses `∀ x y, …` at all fitting variables, then automation; witnesses of `∀ x, ∃ y, …` one at a time."""
    instances: list[str] = []
    for fact in view.facts:
        found = _instances(view, fact)
        instances += found
        match _domains(fact.term):
            case _, Term("∃"):
                name = fresh("w", view.variables)
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
        likely = 1.0 if any(_is_about_numbers(fact.term) for fact in equations) else 0.1
        yield f"{forgotten}\ngrind", 0.30 * likely
        yield f"{forgotten}\nsimp at *\nomega", 0.10 * likely
        yield f"{forgotten}\nsimp_all", 0.05 * likely


def _is_functional_equation(term: Term) -> bool:
    """Does a quantified equation apply some function twice?"""
    match _domains(term):
        case [_, *_], Term("=") as equation:
            functions = [function for function, _ in applications(equation)]
            return len(set(functions)) < len(functions)
        case _:
            return False


def _is_about_numbers(term: Term) -> bool:
    """Is it no law of an abstract operation?"""
    return any(domain.head in NUMBERS for domain in _domains(term)[0])


def _domains(term: Term) -> tuple[list[Term], Term]:
    """Return the types of the leading quantified variables, and what is said of them."""
    domains: list[Term] = []
    while True:
        match term:
            case Term("∀", (domain, body)):
                domains.append(domain)
                term = body
            case _:
                return domains, term


def _instances(view: GoalView, fact: Fact) -> list[str]:
    domains, _ = _domains(fact.term)
    if not domains or len(domains) > MOST_TERMS:
        return []
    choices = itertools.product(*(_of_type(view, domain) for domain in domains))
    return [f"{fact.name} {' '.join(terms)}" for terms in itertools.islice(choices, MOST_INSTANCES)]


def _stated(instances: Sequence[str]) -> str:
    return "\n".join(f"have := {instance}" for instance in instances[:MOST_INSTANCES])


def _of_type(view: GoalView, domain: Term) -> list[str]:
    named = [name for name, kind in view.variables.items() if kind == domain]
    return [*reversed(named[-MOST_TERMS:]), *NUMERALS.get(domain.head, ())]
