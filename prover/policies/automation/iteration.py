"""What a hypothesis says of every single step `n ↦ n + 1`, said of any number of steps.

`p n → p (n + 1)`, `p (n + 1) → p n`, `f n ≤ f (n + 1)` and the like are proved for `n ≤ k` by induction on the way;
of sequences of numbers that rise or fall at each step, also by how much.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from prover.policies.scope import fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted, put
from prover.policies.texts import accessible, written

MOST_LAWS = 3
MOST_INSTANCES = 4
ONE = Term.integer(1)


class Law(NamedTuple):
    """A statement about all numbers, its proof, instances that automation may need, and the hypothesis it is from."""

    lines: tuple[str, ...]
    instances: tuple[str, ...]
    step: str


def iteration(view: GoalView) -> Iterator[Weighted]:
    """State the laws, forget the steps, finish."""
    found = list(itertools.islice(laws(view), MOST_LAWS))
    if found:
        stated = [line for law in found for line in law.lines]
        instances = [line for law in found for line in law.instances] + list(_opened(view))[:MOST_INSTANCES]
        if len(_numbers(view)) == 2:
            instances.append(f"have := Nat.le_total {' '.join(_numbers(view))}")
        forgotten = [f"try clear {law.step}" for law in found]
        yield "\n".join([*stated, *forgotten, *instances, "grind"]), 0.08
        yield "\n".join([*stated, *forgotten]), 0.01


def _numbers(view: GoalView) -> list[str]:
    return [name for name, kind in view.numbers.items() if kind == "Nat" and accessible(name)]


def _opened(view: GoalView) -> Iterator[str]:
    """Yield `∀ n, ∃ m, …` at the numbers in scope: it has no pattern by which automation would use it."""
    for fact in view.facts:
        match fact.term:
            case Term("∀", (Term("Nat"), Term("∃"))) if accessible(fact.name):
                yield from (f"have := {fact.name} {name}" for name in (_numbers(view) or ["0"]))


def laws(view: GoalView) -> Iterator[Law]:
    """Yield what the hypotheses about single steps say of many."""
    used = list(view.variables)
    for fact in view.facts:
        if fact.term.head == "∀" and fact.term.args[0].head == "Nat" and accessible(fact.name):
            with suppress(ValueError):
                for law in _laws(view, fact, name := fresh("steps", used)):
                    used.append(name)
                    yield law


def _laws(view: GoalView, fact: Fact, name: str) -> Iterator[Law]:
    n, body = fact.term.name, fact.term.args[1]
    others: list[str] = []
    while body.head == "∀":  # `∀ n x, A n x → A (n + 1) x`: a sequence of sets or functions
        others.append(body.name)
        body = body.args[1]
    if len(body.args) != 2 or {"n", "k"} & set(others):
        return
    first, second = body.args
    view = replace(view, variables={**view.variables, **dict.fromkeys(others, Term("?"))})
    if _after(first, n) == second:
        value = first
    elif _after(second, n) == first:
        value = second
    else:
        if body.head == "=" and body.type in {"Nat", "Int", "Rat"} and not others:
            yield from _by_a_constant(view, fact, name)
            yield from _twice(view, fact, name)
        return
    one, many, start = (_at(view, value, n, text) for text in ("n", "k", "0"))
    smaller, larger = (one, many) if value is first else (many, one)
    instances: list[str] = []
    match body.head:
        case "→" if value.head not in {"→", "∀", "∃"}:
            statement = f"{smaller} → {larger}"
            instances = [f"have := {name} 0 {x} (Nat.zero_le _)" for x in _numbers(view)]
        case "<" if body.type == "Nat":
            statement = f"{smaller} + (k - n) ≤ {larger}"
            far = [] if value is first else [f"({start} + 1)"]
            instances = [f"have := {name} 0 {x} (Nat.zero_le _)" for x in [*far, *_numbers(view)]]
        case "<":
            statement = f"n = k ∨ {smaller} < {larger}"
        case "≤" | "=" | "∣":
            statement = f"{smaller} {body.head} {larger}"
            instances = [f"have := {name} 0 {x} (Nat.zero_le _)" for x in _numbers(view)]
        case _:
            return
    if others:
        statement, instances = f"∀ {' '.join(others)}, {statement}", []
    lines = (
        f"have {name} : ∀ n k, n ≤ k → {statement} := by",
        "  intro n k at_least",
        "  induction at_least with",
        "  | refl => grind",
        f"  | @step m at_least ih => have := {fact.name} m; grind",
    )
    yield Law(lines, tuple(instances[:MOST_INSTANCES]), fact.name)


def _after(term: Term, n: str) -> Term:
    return put(term, n, Term("+", (Term(n, variable=True), ONE), type="Nat"))


def _at(view: GoalView, term: Term, n: str, text: str) -> str:
    known = replace(view, variables={**view.variables, text: Term("Nat")})
    return written(known, put(term, n, Term(text, variable=True)))


def _by_a_constant(view: GoalView, fact: Fact, name: str) -> Iterator[Law]:
    """Yield `f n = f 0 + c * n` from `f (n + 1) = f n + c`."""
    n, (left, right) = fact.term.name, fact.term.args[1].args
    match right:
        case Term("+", (value, constant)) if n not in constant.variables and _after(value, n) == left:
            value_here, start = _at(view, value, n, "n"), _at(view, value, n, "0")
            lines = (
                f"have {name} : ∀ n : Nat, {value_here} = {start} + {written(view, constant)} * n := by",
                "  intro n",
                "  induction n with",
                "  | zero => grind",
                f"  | succ n ih => have := {fact.name} n; grind",
            )
            yield Law(lines, (), fact.name)


def _twice(view: GoalView, fact: Fact, name: str) -> Iterator[Law]:
    """Yield `f n = f 0 + n` from `f (f n) = n + 1`: f commutes with the step, as `f (f (f n))` shows."""
    n, (left, right) = fact.term.name, fact.term.args[1].args
    match left:
        case Term("apply", (Term(variable=True, head=f), Term("apply", (_, Term(variable=True, head=x))))) if (
            left.args[1].argument_of(f) and x == n and right == _after(Term(n, variable=True), n)
        ):
            lines = (
                f"have commutes : ∀ n, {f} (n + 1) = {f} n + 1 := by grind",
                f"have {name} : ∀ n, {f} n = {f} 0 + n := by",
                "  intro n",
                "  induction n <;> grind",
            )
            yield Law(lines, (f"have := {fact.name} 0",), "commutes")
