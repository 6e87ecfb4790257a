"""Divisibility of powers with any exponent, by induction: `a - b ∣ a ^ n - b ^ n`, `7 ∣ 3 ^ (2 * n + 1) + 2 ^ (n + 2)`.

From n to n + 1 each power is multiplied by its growth. The new number, less the old one times one of these factors, is
divided by the divisor as a polynomial in the powers and variables; with the hypothesis that is the quotient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from prover.policies.arithmetic.solving import divided
from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted, distinct, put, show
from prover.policies.texts import accessible

MOST_POWERS = 3
START = "first | (simp_all; done) | (simp [Int.pow_succ]; done) | omega | grind"


class Power(NamedTuple):
    """A power, the variable that stands for it, and what it is multiplied by in a step."""

    term: Term
    name: str
    growth: Term


def powers_by_induction(view: GoalView) -> Iterator[Weighted]:
    """Induction on the exponent of an integer divisibility, with the quotient of the step."""
    match view.target:
        case Term("∣", (divisor, whole), type="Int"):
            names = [name for name, kind in view.numbers.items() if kind == "Nat" and accessible(name)]
            for n in names:
                with suppress(ValueError):  # what it is about is no polynomial in powers
                    powers = _powers(view, whole, n)
                    if powers and n not in divisor.variables:
                        yield from ((text, 0.25) for text in _by_induction(view, n, powers, divisor, whole))


def _powers(view: GoalView, whole: Term, n: str) -> list[Power]:
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    found: list[Power] = []
    for part in distinct(part for part in whole if part.head == "^" and n in part.args[1].variables):
        base, exponent = part.args
        name = fresh("p", [*taken, *(power.name for power in found)])
        found.append(Power(part, name, Term("^", (base, Term.integer(_slope(exponent, n))), type="Int")))
    return found[:MOST_POWERS]


def _slope(term: Term, n: str) -> int:
    """Return a of `a * n + b`."""
    match term:
        case Term(variable=True, head=head) if head == n:
            return 1
        case Term("*", (Term(number=int(a)), Term(variable=True, head=head))) if head == n:
            return a
        case Term("+", (left, right)) if n not in right.variables:
            return _slope(left, n)
        case _:
            raise ValueError("this exponent is not linear")


def _by_induction(view: GoalView, n: str, powers: Sequence[Power], divisor: Term, whole: Term) -> Iterator[str]:
    """Yield the induction for each growth: what is left after it is divided by the divisor."""
    before, after = (_in_powers(whole, powers, grown) for grown in (False, True))
    if n in before.variables:
        return
    inside = replace(view, variables={**view.variables, **{power.name: Term("Int") for power in powers}})
    next_ = Term("+", (Term(n, variable=True), Term.integer(1)), type="Nat")
    for factor in distinct(power.growth for power in powers):
        rest = Term("-", (after, Term("*", (factor, before), type="Int")), type="Int")
        for step in divided(inside, divisor, rest):
            lines = []
            for power in powers:
                grown = f"({show(put(power.term, n, next_))} : Int) = {show(power.term)} * {show(power.growth)}"
                lines.append(f"have g_{power.name} : {grown} := by first | grind | (rw [← Int.pow_add] <;> congr 1)")
            lines.append(f"rw [{', '.join(f'g_{power.name}' for power in powers)}]")
            lines += [f"clear g_{power.name}" for power in powers]
            lines += [f"generalize ({show(power.term)} : Int) = {power.name} at *" for power in powers]
            lines.append(f"have rest : {show(divisor)} ∣ {show(rest)} := by")
            lines += [f"  {line}" for line in step.splitlines()]
            lines.append("obtain ⟨u, hu⟩ := rest\nobtain ⟨v, hv⟩ := ih")
            lines.append(f"exact ⟨u + {show(factor)} * v, by grind⟩")
            indented = "\n".join(lines).replace("\n", "\n  ")
            yield f"induction {n} with\n| zero => {START}\n| succ {n} ih =>\n  {indented}"


def _in_powers(term: Term, powers: Sequence[Power], grown: bool) -> Term:
    """Return the term with a variable for each power, multiplied by its growth or not."""
    for power in powers:
        if term == power.term:
            variable = Term(power.name, variable=True)
            return Term("*", (variable, power.growth), type="Int") if grown else variable
    return replace(term, args=tuple(_in_powers(arg, powers, grown) for arg in term.args))
