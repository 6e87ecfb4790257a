"""Functions given at `2 * n` and `2 * n + 1`: binary digits, Josephus' problem.

Induction takes the last binary digit off: on the number itself, or on k where it is below `2 ^ k`. The hypotheses are
stated at the half, so that linear arithmetic can finish; it would not find the half in `2 ^ (k + 1) + l`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from prover.policies.terms import Fact, GoalView, Term, Weighted, distinct, put
from prover.policies.texts import accessible, written

CLOSE = "first | omega | (simp_all; done) | (simp_all; omega)"
STRONG = """\
induction {v} using Nat.strongRecOn with
| ind {v} ih =>
  obtain ⟨q, last⟩ : ∃ q, {v} = 2 * q ∨ {v} = 2 * q + 1 := ⟨{v} / 2, by omega⟩
  rcases Nat.eq_zero_or_pos q with none | positive
  · {at_none}
    rcases last with rfl | rfl <;> subst none <;> {close}
  · {at_half}
    have ih := ih q (by omega)
    rcases last with rfl | rfl <;> {close}"""
BY_POWERS = """\
induction {k} generalizing {v} with
| zero =>
  have none : {v} = 0 := by omega
  subst none
  {close}
| succ {k} ih =>
  obtain ⟨q, last⟩ : ∃ q, {v} = 2 * q ∨ {v} = 2 * q + 1 := ⟨{v} / 2, by omega⟩
  have positive := Nat.two_pow_pos {k}
  have power : 2 ^ ({k} + 1) = 2 * 2 ^ {k} := by rw [Nat.pow_succ, Nat.mul_comm]
  have ih := ih q (by omega)
  {at_half}
  rcases last with rfl | rfl
  · try rw [show {even} = 2 * {half} by omega]
    {close}
  · try rw [show {odd} = 2 * {half} + 1 by omega]
    {close}"""


def halving(view: GoalView) -> Iterator[Weighted]:
    """Induction on a number, or on the exponent of a power of two that bounds it."""
    laws = {f: facts for f, facts in _laws(view).items() if len(facts) > 1}
    for f, facts in laws.items():
        arguments = distinct(given for part in view.target if (given := part.argument_of(f)) is not None)
        for argument in arguments[:2]:
            with suppress(ValueError):
                for v, k in _bounded_by_powers(view):
                    if v in argument.variables:
                        yield _by_powers(view, facts, argument, v, k), 0.3
                if argument.variable and view.numbers.get(argument.head) == "Nat":
                    at_none, at_half = ("; ".join(_stated(facts, text)) for text in ("0", "q"))
                    yield STRONG.format(v=argument.head, at_none=at_none, at_half=at_half, close=CLOSE), 0.2


def _laws(view: GoalView) -> dict[str, list[Fact]]:
    """Return, for each function, what hypotheses say of it at even and at odd numbers."""
    found: dict[str, list[Fact]] = {}
    for fact in view.facts:
        body = fact.term.args[1] if fact.term.head == "∀" and fact.term.args[0].head == "Nat" else Term("?")
        if body.head == "→":
            body = body.args[1]
        if body.head == "=" and body.args[0].head == "apply" and accessible(fact.name):
            f = body.args[0].args[0].head
            argument = body.args[0].argument_of(f)
            if argument is not None and _is_double(argument, fact.term.name):
                found.setdefault(f, []).append(fact)
    return found


def _is_double(term: Term, n: str) -> bool:
    """Is it `2 * n` or `2 * n + 1`?"""
    match term:
        case Term("+", (double, Term(number=1))):
            return _is_double(double, n)
        case Term("*", (Term(number=2), x)):
            return x.is_variable(n)
        case _:
            return False


def _bounded_by_powers(view: GoalView) -> Iterator[tuple[str, str]]:
    """Yield the variables v and k of each hypothesis `v < 2 ^ k`."""
    for fact in view.facts:
        match fact.term:
            case Term("<", (Term(variable=True, head=v), Term("^", (Term(number=2), Term(variable=True, head=k))))):
                yield v, k


def _stated(facts: list[Fact], text: str) -> list[str]:
    """Return lines that state the laws at a number; a premise may fail at 0, where the law is not needed."""
    lines = []
    for fact in facts:
        stated = f"have h_{fact.name.replace('.', '_')} := {fact.name} ({text})"
        lines.append(f"(try {stated} (by omega))" if fact.term.args[1].head == "→" else stated)
    return lines


def _by_powers(view: GoalView, facts: list[Fact], argument: Term, v: str, k: str) -> str:
    known = replace(view, variables={**view.variables, "q": Term("Nat")})
    q, two, one = Term("q", variable=True), Term.integer(2), Term.integer(1)
    double = Term("*", (two, q), type="Nat")
    next_k = Term("+", (Term(k, variable=True), one), type="Nat")
    half = written(known, put(argument, v, q))
    even, odd = (
        written(known, put(put(argument, k, next_k), v, digit))
        for digit in (double, Term("+", (double, one), type="Nat"))
    )
    at_half = "\n  ".join(_stated(facts, half))
    return BY_POWERS.format(k=k, v=v, at_half=at_half, even=even, odd=odd, half=half, close=CLOSE)
