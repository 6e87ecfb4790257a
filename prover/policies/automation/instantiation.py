"""Hypotheses `∀ x, …` at the terms of the goal, where the patterns of automation do not reach.

Functions and predicates are instantiated by the diagonals and equalities that the scope offers (Cantor, Lawvere,
Leibniz), elements by what the goal applies. Existential answers are opened, which gives new terms, and so on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress

from prover.policies.scope import bare, fresh, function_variables, inhabitants
from prover.policies.terms import Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible, listed, type_text

MOST_INSTANCES = 14
MOST_TERMS = 4  # of one type, in one block
MOST_QUANTIFIED = 3
MOST_CONSTANTS = 2
PLACES = ((0, None, None, 1), (1, None, None, 0), (None, 0, 1, None), (None, 1, 0, None))
"""Where two elements stand among four arguments, the rest being units."""


def instantiation(view: GoalView) -> Iterator[Weighted]:
    """Instances of the hypotheses, then automation."""
    facts = [fact for fact in view.facts if fact.term.head == "∀" and accessible(fact.name)]
    for fact in facts:
        if fact.term.args[0].head == "→":
            yield from _at_functions(view, fact)
    # Of several variables, patterns find the instances themselves as soon as the terms are there.
    alone = [f"have := {instance}" for fact in facts for instance in _at_terms(view, fact, 1)]
    together = [f"have := {instance}" for fact in facts for instance in _at_terms(view, fact, MOST_QUANTIFIED)]
    for lines in [alone, together] if alone != together else [alone]:
        if lines:
            block = "\n".join(lines[:MOST_INSTANCES])
            yield f"{block}\ngrind", 0.02
    yield from _comprehension(view)
    yield from _both_sides(view)
    yield from _under_functions(view)
    yield from _at_constants(view)


def _comprehension(view: GoalView) -> Iterator[Weighted]:
    """For a function that names sets by elements: the set of the names whose set does not have them."""
    for name, arguments, result in function_variables(view):
        match arguments:
            case [Term("→", (element, Term("Sort")))] if element == result:
                with suppress(ValueError):
                    the_set, a_set = (fresh(stem, view.variables) for stem in ("D", "A"))
                    law = f"∀ x, {the_set} x ↔ ∃ {a_set}, {name} {a_set} = x ∧ ¬ {a_set} x"
                    exists = f"∃ {the_set} : {type_text(element)} → Prop, {law}"
                    yield "\n".join([
                        f"obtain ⟨{the_set}, russell⟩ : {exists} := ⟨_, fun _ => Iff.rfl⟩",
                        f"have := russell ({name} {the_set})",
                        "grind",
                    ]), 0.06  # fmt: skip


def _at_functions(view: GoalView, fact: Fact) -> Iterator[Weighted]:
    domain, body = fact.term.args
    if body.head == "∀" and body.args[0].head == "→":
        yield from _at_pairs(view, fact, domain, body.args[0])
        return
    names = f" [{listed(view.cited)}]" if view.cited else ""
    finish = f"grind{names}"
    w, at = fresh("w", view.variables), fresh("at_point", view.variables)
    for place, function in enumerate(inhabitants(view, domain, MOST_TERMS)):
        weight = 0.8**place
        if body.head == "∃":
            opened = f"obtain ⟨{w}, h{w}⟩ := {fact.name} ({function})"
            itself = f"h{w} {w}" if body.args[1].head == "∀" else f"congrFun h{w} {w}"
            yield f"{opened}\nhave {at} := {itself}\n{finish}", 0.06 * weight
            yield f"{opened}\nexact ⟨_, ({itself}).symm⟩", 0.04 * weight
            yield f"{opened}\n{finish}", 0.02 * weight
            yield opened, 0.004 * weight
        elif body.head == "→" and body.args[0].head == "∃":  # which patterns do not prove
            premise = "by first | exact ⟨_, default, rfl⟩ | grind | (simp; done)"
            yield f"have {at} := {fact.name} ({function}) ({premise})\n{finish}", 0.06 * weight
        else:
            instance = f"have {at} := {fact.name} ({function})"
            yield f"{instance}\n{finish}", 0.04 * weight
            yield f"{instance}\nsimp_all{names}", 0.02 * weight


def _at_pairs(view: GoalView, fact: Fact, first: Term, second: Term) -> Iterator[Weighted]:
    names = f", {listed(view.cited)}" if view.cited else ""
    only = f" [{names[2:]}]" if names else ""
    pairs = itertools.product(inhabitants(view, first, MOST_TERMS), inhabitants(view, second, MOST_TERMS))
    for a, b in itertools.islice(pairs, MOST_INSTANCES):
        instance = f"have at_them := {fact.name} ({a}) ({b})"
        pointwise = f"simp [funext_iff{names}] at at_them; first | exact at_them _ | grind"
        # Where there are definitions to unfold, automation may run on with all of them.
        ways = ["grind", f"({pointwise})", f"(simp{only} at at_them; grind)"]
        yield f"{instance}\nfirst | {' | '.join(ways if not names else [*ways[1:], ways[0]])}", 0.04


def _at_terms(view: GoalView, fact: Fact, most_quantified: int) -> Iterator[str]:
    domains: list[Term] = []
    term = fact.term
    while term.head == "∀":
        domains.append(term.args[0])
        term = term.args[1]
    if any(domain.head in {"→", "Sort"} for domain in domains) or len(domains) > most_quantified:
        return
    choices = itertools.product(
        *(inhabitants(view, domain, 6 if len(domains) == 1 else MOST_TERMS) for domain in domains)
    )
    for terms in itertools.islice(choices, MOST_INSTANCES):
        yield f"{fact.name} {' '.join(terms)}"


def _at_constants(view: GoalView) -> Iterator[Weighted]:
    """Laws of four variables, such as interchange, at the units of the hypotheses (Eckmann and Hilton)."""
    for fact in view.facts:
        domains = list(_domains(fact.term))
        if len(domains) != 4 or len(set(domains)) != 1 or not accessible(fact.name):
            continue
        named = [name for name, kind in view.variables.items() if bare(kind) == domains[0] and accessible(name)]
        constants = [name for name in named if any(name in other.term.variables for other in view.facts)]
        elements = [name for name in named if name not in constants][:2]
        if constants and len(constants) <= MOST_CONSTANTS:
            given = list(itertools.product(constants, repeat=4))
            for unit, places in itertools.product(constants if len(elements) == 2 else [], PLACES):
                given.append(tuple(unit if place is None else elements[place] for place in places))
            yield "\n".join([*(f"have := {fact.name} {' '.join(each)}" for each in given), "grind"]), 0.10


def _domains(term: Term) -> Iterator[Term]:
    while term.head == "∀":
        yield bare(term.args[0])
        term = term.args[1]


def _under_functions(view: GoalView) -> Iterator[Weighted]:
    """`f x = f y`, under a function g of which a hypothesis says `g (f x) = …`."""
    composed = {
        (outer.head, inner.head)
        for fact in view.facts
        for part in fact.term
        if part.head == "apply" and len(part.args) == 2
        for outer, argument in [part.args]
        if argument.head == "apply"
        for inner in argument.args[:1]
    }
    lines = [
        f"have := congrArg {outer} {fact.name}"
        for fact in view.facts
        if fact.term.head == "=" and accessible(fact.name) and fact.term.args[0].head == "apply"
        for outer, inner in sorted(composed)
        if inner == fact.term.args[0].args[0].head and outer in view.variables
    ]
    if lines:
        yield "\n".join([*lines[:MOST_INSTANCES], "grind"]), 0.10


def _both_sides(view: GoalView) -> Iterator[Weighted]:
    """`f a = f b`, for an operation with inverses: multiplied by what the scope offers."""
    functions = list(function_variables(view))
    lines: list[str] = []
    for fact in view.facts:
        match fact.term:
            case Term("=") if accessible(fact.name):
                for operation, arguments, result in functions:
                    if arguments != [result, result] or not fact.term.args[0].args:
                        continue
                    for inverse, inverse_arguments, inverted in functions:
                        if inverse_arguments == [result] and inverted == result:
                            for name in [n for n, kind in view.variables.items() if bare(kind) == result][:MOST_TERMS]:
                                by = f"({inverse} {name})"
                                lines.append(f"have := congrArg ({operation} {by}) {fact.name}")
                                lines.append(f"have := congrArg (fun x => {operation} x {by}) {fact.name}")
    if lines:
        yield "\n".join([*lines[:MOST_INSTANCES], "grind"]), 0.03
