"""Hypotheses about all sets, at the sets that decide most exercises: `{x}`, the range of a function, everything.

A set is a predicate or a function to Bool; functions to other types are taken as constant. Once the instances are
stated the hypothesis is forgotten, so that automation has statements about elements alone. What says that every set has
some element is used for the elements of which the goal asks for one (greatest lower bounds).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from prover.policies.scope import bare, fresh, function_variables, inhabitants
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, stated

MOST_SETS = 6
MOST_LINES = 24
MOST_PLACES = 2  # at which a set is looked at
AT_POINTS = "try simp only [funext_iff, Function.comp_apply, exists_imp, and_imp] at *"
CLOSE = "first | grind | (solve_by_elim; done)"
FINISH = f"{CLOSE} | (simp at *; done) | (simp at * <;> {CLOSE})"


def singletons(view: GoalView) -> Iterator[Weighted]:
    """State every hypothesis about sets at such sets, then automation."""
    yield from _of_the_goal(view)
    found = [(fact, domains) for fact in view.facts if (domains := _sets(fact.term)) and accessible(fact.name)]
    lines: list[str] = []
    for fact, domains in found:
        places = _places(view, fact.term)
        for instance in _instances(view, fact.name, domains):
            name = fresh(f"s{len(lines)}", view.variables)
            lines += [
                f"have {name} := {instance}",
                *(f"have {name}_{i} := {at.format(name)}" for i, at in enumerate(places)),
            ]
    if lines:
        forgotten = [f"clear {fact.name}" for fact, _ in found if "." not in fact.name]
        yield "\n".join([*lines[:MOST_LINES], *forgotten, AT_POINTS, FINISH]), 0.15


def _of_the_goal(view: GoalView) -> Iterator[Weighted]:
    """`∀ S, ∃ b, …` at the set of all a with a property, for the goal `∃ a, …` with that property in it."""
    match view.target:
        case Term("∃", (domain, body), name=a):
            known = replace(view, variables={**view.variables, a: domain})
            for fact in view.facts:
                if [bare(domain)] != [part.args[0] for part in _sets(fact.term)] or not accessible(fact.name):
                    continue
                claims = list(_moved(view, bare(domain), a))
                for part in body.joined_by("∧"):
                    with suppress(ValueError):
                        claims.append(stated(known, part))
                for claim in claims:
                    yield f"obtain ⟨w, hw⟩ := {fact.name} (fun {a} => {claim})\nexact ⟨w, by grind⟩", 0.15


def _moved(view: GoalView, domain: Term, x: str) -> Iterator[str]:
    """Yield `r x (f x)`: what f moves upwards has a supremum, which f keeps (Tarski)."""
    functions = list(function_variables(view))
    for f, given, result in functions:
        if given == [domain] and result == domain:
            for r, arguments, value in functions:
                if arguments == [domain, domain] and value.head == "Sort":
                    yield f"{r} {x} ({f} {x})"


def _places(view: GoalView, term: Term) -> list[str]:
    """Return where what is said of the sets is looked at: at elements that the goal gives."""
    kinds: dict[str, Term] = {}
    while term.head == "∀" and term.args[0].head == "→":
        kinds[term.name] = bare(term.args[0])
        term = term.args[1]
    match term:
        case Term("∀", (domain, _)):
            return [f"{{}} {x}" for x in inhabitants(view, bare(domain), MOST_PLACES)]
        case Term("=", sides, type="→"):
            domain = next((bare(side.args[0]) for side in sides if side.head == "λ"), Term("?"))
            domain = next((kinds[side.head].args[0] for side in sides if side.head in kinds), domain)
            return [f"congrFun {{}} {x}" for x in inhabitants(view, domain, MOST_PLACES)]
        case _:
            return []


def _sets(term: Term) -> list[Term]:
    """Return the types of the sets and functions that a statement begins with, `for all` of them."""
    domains: list[Term] = []
    while term.head == "∀" and term.args[0].head == "→":
        domains.append(bare(term.args[0]))
        term = term.args[1]
    return domains


def _instances(view: GoalView, name: str, domains: list[Term]) -> Iterator[str]:
    choices = [list(itertools.islice(_subsets(view, domain), MOST_SETS)) for domain in domains]
    for sets in itertools.product(*choices):
        if len(set(sets)) == len(sets):
            yield " ".join([name, *(f"({text})" for text in sets)])


def _subsets(view: GoalView, type_: Term) -> Iterator[str]:
    domain, codomain = type_.args
    yield from (p for p, kind in view.variables.items() if bare(kind) == type_ and accessible(p))
    z, w = fresh("z", view.variables), fresh("w", view.variables)
    elements = [x for x, kind in view.variables.items() if bare(kind) == domain and accessible(x)]
    match codomain.head:
        case "Sort":
            claims = [f"{z} = {x}" for x in elements]
            claims += [f"{z} = {x} ∨ {z} = {y}" for x, y in itertools.combinations(elements, 2)][:1]
            claims += [f"¬ {p} {z}" for p, kind in view.variables.items() if bare(kind) == type_ and accessible(p)]
            claims += [claim.format(z=z, w=w) for claim in _ranges(view, domain)]
            yield from (f"fun {z} => {claim}" for claim in [*claims, "True"])
        case "Bool":
            claims = [f"{z} = {x}" for x in elements]
            claims += [claim.format(z=z, w=w) for claim in _ranges(view, domain)]
            yield "fun _ => true"
            yield from (f"fun {z} => @decide ({claim}) (Classical.propDecidable _)" for claim in claims)
        case _:
            yield from (f"fun _ => {x}" for x, kind in view.variables.items() if bare(kind) == codomain)


def _ranges(view: GoalView, type_: Term) -> Iterator[str]:
    """Yield that z is a value, for functions to this type."""
    for function, arguments, result in function_variables(view):
        if result == type_ and len(arguments) == 1:
            yield f"∃ {{w}}, {function} {{w}} = {{z}}"
