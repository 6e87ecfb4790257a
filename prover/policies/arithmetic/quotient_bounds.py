"""Inequalities with quotients by a variable: `a / c + b / c ≤ (a + b) / c`.

Each quotient is known by Euclid's equation and the bound on its remainder. The denied claim, or what a hypothesis
claims, is multiplied by the divisor, so that the equations apply; what is left has sums of products only.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted, distinct
from prover.policies.texts import accessible, written

MOST_QUOTIENTS = 5
TIMES = "have := Nat.mul_le_mul_left {} ({})"


def quotient_bounds(view: GoalView) -> Iterator[Weighted]:
    """`≤`, `<` and `=` of natural numbers: zero as a divisor apart, then Euclid's equations."""
    divisions = distinct(part for term in view.terms for part in term if _by_a_term(part))
    dividends: dict[str, list[str]] = {}
    for part in divisions:
        try:
            dividend, divisor = (written(view, arg) for arg in part.args)
        except ValueError:  # of a bound variable
            continue
        dividends.setdefault(divisor, []).append(dividend)
    if len(dividends) != 1:
        return
    (divisor,) = dividends
    positive = fresh("hz", (*view.variables, *(fact.name for fact in view.facts)))
    laws = [
        f"have := Nat.{law}"
        for dividend in list(dict.fromkeys(dividends[divisor]))[:MOST_QUOTIENTS]
        for law in (f"div_add_mod {dividend} {divisor}", f"mod_lt {dividend} {positive}")
    ]
    times = [TIMES.format(divisor, claim) for fact in view.facts for claim in _claims(fact)]
    for ending in _endings(view.target.upright, divisor, [*laws, *times]):
        apart = f"rcases Nat.eq_zero_or_pos {divisor} with {positive} | {positive}"
        yield "\n".join([apart, f"· simp_all [{positive}]", f"· {ending}"]), 0.15


def _endings(target: Term, divisor: str, hints: list[str]) -> Iterator[str]:
    """Yield a proof where the divisor is positive."""
    if target.head == "∧":
        yield f"({'; '.join([*hints, 'grind'])})"
        return
    denied = {"≤": "Nat.succ_le_of_lt (Nat.lt_of_not_le hc)", "<": "Nat.le_of_not_lt hc"}
    kind = "≤" if target.head == "=" else target.head
    if target.type != "Nat" or kind not in denied:
        return
    denial = ["refine Classical.byContradiction fun hc => ?_"]
    if any(part.head == "/" for part in target):
        denial.append(TIMES.format(divisor, denied[kind]))
    opening = "refine Nat.le_antisymm ?_ ?_ <;> " if target.head == "=" else ""
    yield f"{opening}({'; '.join([*hints, *denial, 'grind'])})"


def _by_a_term(part: Term) -> bool:
    return part.head in {"/", "%"} and part.type == "Nat" and part.args[1].number is None


def _claims(fact: Fact) -> Iterator[str]:
    """Yield the hypothesis as `≤`, if it bounds a quotient."""
    term = fact.term.upright
    if accessible(fact.name) and term.type == "Nat" and any(_by_a_term(part) for part in term):
        match fact.term.head, term.head:
            case "≤", _:
                yield fact.name
            case "<", _:
                yield f"Nat.succ_le_of_lt {fact.name}"
            case "¬", "<":
                yield f"Nat.succ_le_of_lt (Nat.lt_of_not_le {fact.name})"
            case "¬", "≤":
                yield f"Nat.le_of_not_lt {fact.name}"
