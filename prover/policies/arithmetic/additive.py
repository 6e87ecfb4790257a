"""Cauchy's functional equation for whole numbers: `∀ x y, f (x + y) = f x + f y` makes f linear.

First `f 0 = 0`, differences where there are any, then `f n = n * f 1` by induction. The equation is forgotten, which
automation would apply for ever, and what follows from it is stated at the goal's numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from prover.policies.arithmetic.shapes import Quantified, applications, quantified
from prover.policies.scope import fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted, show
from prover.policies.texts import accessible

MOST_PLACES = 4
ZERO = "have {zero} : {f} 0 = 0 := by have := {h} 0 0; simp at this; omega"
DIFFERENCES = """\
have {neg} : ∀ x, {f} (-x) = -{f} x := by intro x; have := {h} x (-x); rw [Int.add_right_neg] at this; omega
have {sub} : ∀ x y, {f} (x - y) = {f} x - {f} y := by intro x y; have := {h} (x - y) y; simp at this; omega"""
NATURAL = """\
have {linear} : ∀ n : Nat, {f} n = n * {f} 1 := by
  intro n
  induction n with
  | zero => simp [{zero}]
  | succ n ih => rw [{h} n 1, ih]; grind"""
INTEGER = """\
have {linear} : ∀ n : Int, {f} n = n * {f} 1 := by
  have natural : ∀ n : Nat, {f} n = n * {f} 1 := by
    intro n
    induction n with
    | zero => simp [{zero}]
    | succ n ih => rw [Int.natCast_succ, {h} n 1, ih]; grind
  intro n
  obtain ⟨k, rfl | rfl⟩ := Int.eq_nat_or_neg n
  · exact natural k
  · rw [{neg}, natural]; grind"""


class Additive(NamedTuple):
    """A function, the type of its arguments, the hypothesis that it keeps sums, and names for what follows."""

    function: str
    domain: str
    hypothesis: str
    names: dict[str, str]

    def lemmas(self) -> str:
        """Return the lines that prove the value at 0, differences, and that the function is linear."""
        integers = self.domain == "Int"
        parts = [ZERO, DIFFERENCES, INTEGER] if integers else [ZERO, NATURAL]
        return "\n".join(parts).format(f=self.function, h=self.hypothesis, **self.names)

    def proved(self) -> list[str]:
        """Return the names of the lemmas."""
        return [self.names[name] for name in ("zero", *(("neg", "sub") if self.domain == "Int" else ()), "linear")]


def additive(view: GoalView) -> Iterator[Weighted]:
    """What additive functions are, at the numbers of the goal and at their differences."""
    found = list(_additive(view))
    if not found:
        return
    block = "\n".join(each.lemmas() for each in found)
    equations = " ".join(each.hypothesis for each in found)
    lemmas = " ".join(name for each in found for name in each.proved())
    match view.target:
        case Term("∃"):
            for each in found:
                yield f"{block}\nclear {equations}\nexact ⟨{each.function} 1, by grind⟩", 0.30
        case _:
            pass
    values = [f"have := {each.names['linear']} {place}" for each in found for place in _places(view, each)]
    yield "\n".join([block, *values, *_products(view, found), f"clear {equations} {lemmas}", "grind"]), 0.30
    differences = [f"have := {line}" for each in found if each.domain == "Int" for line in _differences(view, each)]
    if differences:
        yield "\n".join([block, *differences, f"clear {equations} {lemmas}", "grind"]), 0.25


def _additive(view: GoalView) -> Iterator[Additive]:
    """Find the hypotheses that are such equations."""
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    for fact in view.facts:
        match quantified(fact.term):
            case Quantified(((x, "Nat" | "Int" as domain), (y, _)), (), Term("=", (whole, Term("+", parts)))):
                x_y = Term(x, variable=True), Term(y, variable=True)
                for function in [name for name, type_ in view.variables.items() if _is_numeric(type_)]:
                    argument = whole.argument_of(function)
                    applied = tuple(part.argument_of(function) for part in parts)
                    if argument and argument.head == "+" and argument.args == applied == x_y and accessible(function):
                        names = {stem: fresh(f"{stem}_{function}", taken) for stem in ("zero", "neg", "sub", "linear")}
                        yield Additive(function, domain, fact.name, names)


def _is_numeric(type_: Term) -> bool:
    match type_:
        case Term("→", (_, Term("Nat" | "Int"))):
            return True
        case _:
            return False


def _places(view: GoalView, found: Additive) -> list[str]:
    """Return what the goal applies the function to, then other numbers of that type."""
    places: dict[str, None] = {}
    for term in view.terms:
        for function, arguments in applications(term):
            known = arguments[0].variables <= view.variables.keys() and arguments[0].number not in (0, 1)
            if function == found.function and known:
                with suppress(ValueError):
                    places[show(arguments[0])] = None
    return list(dict.fromkeys([*places, *_numbers(view, found)]))[:MOST_PLACES]


def _numbers(view: GoalView, found: Additive) -> list[str]:
    return [name for name, kind in view.numbers.items() if kind == found.domain and accessible(name)]


def _products(view: GoalView, found: list[Additive]) -> Iterator[str]:
    """Yield what comparisons of natural numbers say of their multiples."""
    for fact in view.facts:
        match fact.term:
            case Term("≤" | "<", type="Nat") if accessible(fact.name):
                less = f"({fact.name})" if fact.term.head == "≤" else f"(Nat.le_of_lt {fact.name})"
                for each in found:
                    yield f"have := Nat.mul_le_mul_right ({each.function} 1) {less}"


def _differences(view: GoalView, found: Additive) -> Iterator[str]:
    """Yield the function, and hypotheses about all numbers such as one about its kernel, at differences."""
    for a, b in itertools.permutations(_numbers(view, found)[:3], 2):
        yield f"{found.names['sub']} {a} {b}"
        for fact in view.facts:
            if fact.name != found.hypothesis and _is_about_all(fact, found.domain):
                yield f"{fact.name} ({a} - {b})"


def _is_about_all(fact: Fact, domain: str) -> bool:
    variables = quantified(fact.term).variables
    return len(variables) == 1 and variables[0][1] == domain and accessible(fact.name)
