"""Sequences that go up or down at every step: what follows for any two places, by induction.

From `∀ n, f n < f (n + 1)` follow `m < n → f m < f n` and `f 0 + n ≤ f n`; a descent of natural numbers ends. That is
stated where the goal applies f, and linear arithmetic does the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from prover.policies.arithmetic.shapes import Quantified, applications, quantified
from prover.policies.scope import fresh
from prover.policies.terms import FALSE, Fact, GoalView, Term, Weighted, show
from prover.policies.texts import accessible

MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class Step:
    """`f n < f (n + 1)`, up or down, strictly or not; `proof` has a place for n. The values are natural or integers."""

    function: str
    values: str
    relation: str
    rising: bool
    proof: str


def monotone(view: GoalView) -> Iterator[Weighted]:
    """The order of the values at the places that the goal is about, and at places far away."""
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    for fact in view.facts:
        step = _step(view, fact)
        if step is None:
            continue
        law = fresh("law", taken)
        places = ["0", *_places(view, step.function)]
        lines = [*_law(step, law), *(f"have := {law} {a} {b}" for a, b in itertools.permutations(places, 2))]
        for far in _far(view, step):
            yield "\n".join([*lines, f"have := {law} 0 {far}", f"first | omega | exact ⟨{far}, by omega⟩"]), 0.25
        for finish in ("omega", "grind"):
            yield "\n".join([*lines, finish]), 0.15


def _step(view: GoalView, fact: Fact) -> Step | None:
    """Read `∀ n, f n < f (n + 1)`, or that f keeps or turns the order of any two numbers."""
    match quantified(fact.term):
        case Quantified(((n, "Nat"),), (), Term("<" | "≤", (left, right))):
            proof, before, after = f"{fact.name} {{}}", Term(n, variable=True), None
        case Quantified(((a, "Nat"), (b, "Nat")), (Term("<" | "≤", (low, high)),), Term("<" | "≤", (left, right))):
            if not (low.is_variable(a) and high.is_variable(b)):
                return None
            proof, before, after = f"{fact.name} {{0}} ({{0}} + 1) (by omega)", low, high
        case _:
            return None
    after = after or Term("+", (before, Term.integer(1)), type="Nat")
    for function, type_ in view.variables.items():
        match type_:
            case Term("→", (Term("Nat"), Term("Nat" | "Int" as values))) if accessible(function):
                places = left.argument_of(function), right.argument_of(function)
                if places in ((before, after), (after, before)):
                    relation = quantified(fact.term).conclusion.head
                    return Step(function, values, relation, places == (before, after), proof)
    return None


def _law(step: Step, name: str) -> Iterator[str]:
    """Yield the proof of what holds between any two places: strict steps add up."""
    low, high = ("m", "n") if step.rising else ("n", "m")
    below, above = f"{step.function} {low}", f"{step.function} {high}"
    if step.relation == "<":
        below, above = f"{below} + n", f"{above} + m"
    yield f"have {name} : ∀ m n, m ≤ n → {below} ≤ {above} := by"
    yield "  intro m n h"
    yield "  induction h with"
    yield "  | refl => omega"
    yield f"  | @step k _ ih => have := {step.proof.format('k')}; grind"


def _places(view: GoalView, function: str) -> list[str]:
    """Return what the goal applies the function to, then other natural numbers."""
    found: dict[str, None] = {}
    for term in view.terms:
        for applied, arguments in applications(term):
            if applied == function and arguments[0].variables <= view.variables.keys():
                with suppress(ValueError):
                    found[show(arguments[0])] = None
    found |= {name: None for name, kind in view.numbers.items() if kind == "Nat" and accessible(name)}
    return list(found)[:MOST_PLACES]


def _far(view: GoalView, step: Step) -> Iterator[str]:
    """Yield a place beyond a bound: the one in the goal, or 0, which no natural number is below."""
    f = step.function
    match view.target:
        case Term() if view.target == FALSE and not step.rising and step.values == "Nat":
            yield f"({f} 0 + 1)"
        case Term("∃", (Term("Nat"), Term("<" | "≤", (left, right))), name=n):
            near, bound = (right, left) if step.rising else (left, right)
            if near.argument_of(f) == Term(n, variable=True) and n not in bound.variables:
                with suppress(ValueError):
                    low, high = (f"{f} 0", show(bound)) if step.rising else (show(bound), f"{f} 0")
                    yield f"({high} - {low} + 1)" if step.values == "Nat" else f"(({high} - {low}).toNat + 1)"
        case _:
            return
