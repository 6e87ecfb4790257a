"""First-order reasoning that patterns do not start: new names for what exists, then every hypothesis at every name.

The goal is denied and its denial pushed inwards, existential hypotheses are opened, `∀ x, ∃ y, …` is opened at the
names that are there, and hypotheses `∀ x y, …` are stated for the terms that these names give. Automation closes what
is left, which is mostly propositional.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from prover.core.proof_state import Goal
from prover.policies.automation.classical import INWARDS
from prover.policies.scope import bare, fresh, inhabitants
from prover.policies.terms import Fact, GoalView, Term, Weighted, put, read
from prover.policies.texts import accessible

MOST_OPENED = 6
MOST_CHOICES = 300
MOST_QUANTIFIED = 3
MOST_TERMS = 5  # of one type
MOST_INSTANCES = 24
ROUNDS = 2


def saturation(view: GoalView) -> Iterator[Weighted]:
    """Open everything, deny the goal, state all instances, finish."""
    if not any(fact.term.head in {"∀", "∃"} for fact in view.facts) and view.target.head != "∃":
        return
    opened = Opening(view)
    opened.extensionality()
    opened.hypotheses()
    lines = list(opened.lines)
    if lines:
        yield "\n".join([*lines, "grind"]), 0.15 if any(_is_onto(fact.term) for fact in view.facts) else 0.04
    opened.deny()
    opened.hypotheses()
    instances = _instances(opened.view)
    if instances:
        yield "\n".join([*opened.lines, *instances, "grind"]), 0.03
    if lines and instances and view.target.head not in {"∃", "∀", "∨"}:
        yield "\n".join([*lines, *_instances(view), "grind"]), 0.01


def _is_onto(term: Term) -> bool:
    """Is it `∀ y, ∃ x, f x = y`? There is no pattern by which automation would use it."""
    match term:
        case Term("∀", (_, Term("∃", (_, Term("=", sides)))), name=y):
            return any(side.is_variable(y) for side in sides)
        case _:
            return False


def opening(goal: Goal, view: GoalView) -> str:
    """Return the tactic that opens all that hypotheses say exists, or "" if they do not. Nothing is lost by it."""
    opened = Opening(view)
    for hypothesis in goal.hypotheses:
        term = read(hypothesis.term)
        if accessible(hypothesis.name) and _says_what_exists(term):
            opened.take_apart(hypothesis.name, term)
    return "\n".join(opened.lines)


def _says_what_exists(term: Term) -> bool:
    return term.head == "∃" or (term.head == "∧" and any(map(_says_what_exists, term.args)))


class Opening:
    """A goal that grows by names and facts, with the tactics that introduce them."""

    def __init__(self, view: GoalView) -> None:
        self.view = view
        self.lines: list[str] = []
        self._done: set[str] = set()

    def _name(self, wanted: str) -> str:
        stem = wanted if wanted.isidentifier() else "w"
        return fresh(stem, [*self.view.variables, *(fact.name for fact in self.view.facts)])

    def _add(self, variables: dict[str, Term], facts: list[Fact]) -> None:
        self.view = replace(self.view, variables={**self.view.variables, **variables}, facts=(*self.view.facts, *facts))

    def extensionality(self) -> None:
        """Two functions are equal when they are at every point."""
        match self.view.target:
            case Term("=", (Term(variable=True) as left, right), type="→") if left.head in self.view.variables:
                type_ = self.view.variables[left.head]
                if type_.head not in {"→", "∀"}:
                    return  # a type of the header that stands for functions
                domain, codomain = type_.args
                name = self._name("x")
                self._add({name: domain}, [])
                at = Term(name, variable=True)
                sides = tuple(Term("apply", (side, at)) for side in (left, right))
                self.view = replace(self.view, target=Term("=", sides, type=codomain.head))
                self.lines.append(f"funext {name}")

    def take_apart(self, name: str, term: Term) -> None:
        """Replace a hypothesis by its parts."""
        self.lines.append(f"obtain {self._taken(term)} := {name}")

    def hypotheses(self) -> None:
        """Open `∃ x, …`, and `∀ x, ∃ y, …` at the names that are there; then at those that this gave."""
        for _ in range(ROUNDS):
            for fact in self.view.facts:
                for use, term in self._uses(fact):
                    if use not in self._done and len(self._done) < MOST_OPENED:
                        self._done.add(use)
                        self.take_apart(use, term)

    def _uses(self, fact: Fact) -> Iterator[tuple[str, Term]]:
        """Yield the existential statements that a fact gives, with the names and premises that it takes."""
        if not accessible(fact.name):
            return
        choices = [(fact.name, fact.term)]
        while choices and choices[0][1].head in {"∀", "→"}:
            choices = [further for use, term in choices for further in self._applied(use, term)][:MOST_CHOICES]
        yield from ((use, term) for use, term in choices if term.head == "∃")

    def _applied(self, use: str, term: Term) -> Iterator[tuple[str, Term]]:
        """Yield a fact with its first variable or premise given, in each way that the goal offers."""
        first, rest = term.args
        if term.head == "→":
            yield from ((f"{use} {fact.name}", rest) for fact in self.view.facts if fact.term == first)
        else:
            wanted = bare(first)
            for name, kind in self.view.variables.items():
                if accessible(name) and bare(kind) == wanted:
                    yield f"{use} {name}", put(rest, term.name, Term(name, variable=True))

    def deny(self) -> None:
        """Suppose that the target is false, and take its denial apart."""
        self.lines += ["refine Classical.byContradiction fun hc => ?_", f"simp only [{INWARDS}] at hc"]
        pattern = self._taken(denied(self.view.target))
        self.lines.append(f"obtain {pattern} := hc" if pattern.startswith("⟨") else f"have {pattern} := hc")

    def _taken(self, term: Term) -> str:
        """Return the pattern that takes a statement apart; its names and facts are added to the goal."""
        match term:
            case Term("∧", (left, right)):
                return f"⟨{self._taken(left)}, {self._taken(right)}⟩"
            case Term("∃", (domain, body), name=bound):
                name = self._name(bound)
                self._add({name: domain}, [])
                return f"⟨{name}, {self._taken(put(body, bound, Term(name, variable=True)))}⟩"
            case _:
                fact = self._name("hw")
                self._add({}, [Fact(fact, term)])
                return fact


def denied(term: Term) -> Term:
    """Return the denial of a statement, pushed inwards as `simp only` with the rules of classical logic does."""
    match term:
        case Term("∨", (left, right)):
            return Term("∧", (denied(left), denied(right)))
        case Term("→", (left, right)):
            return Term("∧", (left, denied(right)))
        case Term("∧", (left, right)):
            return Term("→", (left, denied(right)))
        case Term("∀", (domain, body), name=name):
            return Term("∃", (domain, denied(body)), name=name)
        case Term("∃", (domain, body), name=name):
            return Term("∀", (domain, denied(body)), name=name)
        case Term("¬", (inner,)):
            return inner
        case _:
            return Term.negation(term)


def _instances(view: GoalView) -> list[str]:
    """Hypotheses `∀ x y, …` at the terms of the goal, those of few variables first."""
    found: list[tuple[int, str]] = []
    for fact in view.facts:
        domains: list[Term] = []
        term = fact.term
        while term.head == "∀":
            domains.append(term.args[0])
            term = term.args[1]
        if accessible(fact.name) and 0 < len(domains) <= MOST_QUANTIFIED and all(d.head != "→" for d in domains):
            choices = itertools.product(*(inhabitants(view, domain, MOST_TERMS) for domain in domains))
            found += [(len(domains), f"have := {fact.name} {' '.join(given)}") for given in choices]
    found.sort(key=lambda instance: instance[0])
    return [line for _, line in found[:MOST_INSTANCES]]
