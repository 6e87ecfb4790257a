"""What holds from some number on, and what holds again and again: limits, eventual properties, infinitely often.

Every `∃ N, ∀ n, N ≤ n → …` is opened, with half of the distance at hand where it is about every margin. All of them
hold at the sum of their thresholds, and after it, where what happens again and again happens once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from prover.policies.automation.saturation import Opening
from prover.policies.scope import bare
from prover.policies.terms import Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible, written

MOST_OPENED = 6
MOST_TERMS = 2
RELATIONS = {"≤", "<"}


class Margin(NamedTuple):
    """A positive number, and what has to be supposed for that."""

    text: str
    opening: tuple[str, ...] = ()


def thresholds(view: GoalView) -> Iterator[Weighted]:
    """Open what holds eventually and state it at a number that is large enough."""
    target = view.target
    if not any(_is_eventual(part) or _is_frequent(part) for term in view.terms for part in term):
        return
    if target.head == "∃" and _is_eventual(target):
        for margin in _margins(view):
            if lines := _stated(view, [margin], "n"):
                yield "\n".join(lines), 0.10
    elif target.head == "=" and target.type == "Rat":
        with suppress(ValueError):
            left, right = (written(view, side) for side in target.args)
            split = f"rcases (by grind : {left} < {right} ∨ {right} < {left}) with hs | hs"
            cases = [_stated(view, [Margin(f"(({a} - {b}) / 2)")], "") for a, b in ((right, left), (left, right))]
            branches = ["· " + "\n  ".join(lines) for lines in cases if lines]
            if branches:
                yield "\n".join(["refine Classical.byContradiction fun hc => ?_", split, *branches]), 0.12
    elif target.head not in {"∀", "→"}:
        yield from _denied(view)


def _denied(view: GoalView) -> Iterator[Weighted]:
    opened = Opening(view)
    if view.target.head != "False":
        opened.deny()
    lines = _stated(opened.view, _margins(view), "")
    if lines:
        yield "\n".join([*opened.lines, *lines]), 0.08


def _is_eventual(term: Term) -> bool:
    """Is it `∃ N, ∀ n, N ≤ n → …`?"""
    match term:
        case Term("∃", (Term("Nat"), Term("∀", (Term("Nat"), Term("→", (premise, _))), name=n)), name=bound):
            return _bounds(premise, bound, n)
        case _:
            return False


def _is_frequent(term: Term) -> bool:
    """Is it `∀ n, ∃ m, n ≤ m ∧ …`?"""
    match term:
        case Term("∀", (Term("Nat"), Term("∃", (Term("Nat"), Term("∧", (bound, _))), name=m)), name=n):
            return _bounds(bound, n, m)
        case _:
            return False


def _bounds(term: Term, smaller: str, larger: str) -> bool:
    return term.head in RELATIONS and term.args[0].is_variable(smaller) and term.args[1].is_variable(larger)


def _margins(view: GoalView) -> list[Margin]:
    """Half of a positive number in scope, or of the distance that the denied goal speaks of."""
    positive = [
        fact.term.args[1].head
        for fact in view.facts
        if fact.term.head == "<"
        and fact.term.type == "Rat"
        and fact.term.args[0].number == 0
        and fact.term.args[1].variable
    ]
    if positive:
        return [Margin(f"({name} / 2)") for name in positive[-1:]]
    if view.target.head in RELATIONS and view.target.type == "Rat":
        with suppress(ValueError):
            left, right = (written(view, side) for side in view.target.args)
            return [Margin(f"(({left} - {right}) / 2)")]
    return [Margin("1")]


def _stated(view: GoalView, margins: list[Margin], at: str) -> list[str]:
    """Return lines that open all thresholds, and close the goal beyond them: at n, or at the first such number."""
    known = _known(view)
    lines: list[str] = []
    uses = [use for fact in view.facts for use in _uses(view, fact, margins)]
    for number, use in enumerate(uses[:MOST_OPENED]):
        lines.append(f"obtain ⟨N{number}, hN{number}⟩ := {use}")
        known.append((f"N{number}", f"hN{number}"))
    often = [fact.name for fact in view.facts if _is_frequent(fact.term) and accessible(fact.name)]
    if not known or (len(known) + len(often) < 2 and not at and not uses):
        return []
    bound = " + ".join(["1", *dict.fromkeys(name for name, _ in known)])
    if at:
        lines.append(f"refine ⟨{bound}, fun {at} hn => ?_⟩")
    places = [at] if at else [f"({bound})"]
    for number, name in enumerate(often[:MOST_TERMS]):
        lines.append(f"obtain ⟨m{number}, hm{number}⟩ := {name} ({bound})")
        places.append(f"m{number}")
    pointwise = [fact.name for fact in view.facts if _is_pointwise(fact)]
    for place in places:
        lines += [f"have := {name} {place} (by omega)" for _, name in known]
        lines += [f"have := {name} {place}" for name in pointwise[:MOST_TERMS]]
    return [*lines, "grind"]


def _known(view: GoalView) -> list[tuple[str, str]]:
    """Return the thresholds that are variables, with what holds after them."""
    found = []
    for fact in view.facts:
        match fact.term:
            case Term("∀", (Term("Nat"), Term("→", (Term(head, (Term(variable=True) as bound, last)), _))), name=n):
                if head in RELATIONS and last.is_variable(n) and accessible(bound.head) and accessible(fact.name):
                    found.append((bound.head, fact.name))
    return found


def _is_pointwise(fact: Fact) -> bool:
    return (
        fact.term.head == "∀"
        and fact.term.args[0].head == "Nat"
        and accessible(fact.name)
        and (fact.term.args[1].head in {"=", "≠", "∧", "∨", *RELATIONS})
    )


def _uses(view: GoalView, fact: Fact, margins: list[Margin]) -> Iterator[str]:
    """Yield a fact that says what holds eventually, at the terms of its variables, with its premises proved."""
    choices: list[list[str]] = []
    term = fact.term
    while term.head in {"∀", "→"}:
        first, term = term.args
        if fact.term.head == "→" or first.head in RELATIONS or not _is_type(first):
            choices.append(["(by grind)"])
        elif first.head == "Rat":
            choices.append([margin.text for margin in margins])
        elif first.head == "Bool":
            choices.append(["true", "false"])
        else:
            names = [name for name, kind in view.variables.items() if bare(kind) == bare(first) and accessible(name)]
            choices.append(names[:MOST_TERMS])
    if _is_eventual(term) and accessible(fact.name):
        yield from (" ".join([fact.name, *given]) for given in itertools.product(*choices))


def _is_type(term: Term) -> bool:
    return not any(part.number is not None for part in term) and term.head not in {"=", "≠", "¬", "∧", "apply"}
