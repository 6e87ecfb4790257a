"""Divisibility of one number and another that a function makes of it: both leave the same remainder.

That the one is divisible if the other is would be too weak for an induction as the function recurses. `9 ∣ n` if 9
divides the sum of its digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.automation.recursion import calls
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, written

MOST_CALLS = 2


def equal_remainders(view: GoalView) -> Iterator[Weighted]:
    """The congruence by functional induction, then what follows from it."""
    for claim, unused in _congruences(view):
        for call in calls(view)[:MOST_CALLS]:
            clearing = [f"  clear {unused}"] if unused else []
            same = [f"have same : {claim} := by", *clearing, f"  fun_induction {call} <;> first | omega | grind"]
            yield "\n".join([*same, "omega"]), 0.1


def _congruences(view: GoalView) -> Iterator[tuple[str, str]]:
    """Yield congruences from which the goal follows, and the hypothesis that it does not need any more."""
    pairs: list[tuple[Term, Term, str]] = []
    if view.target.head == "↔":
        pairs.append((view.target.args[0], view.target.args[1], ""))
    pairs += [(fact.term, view.target, fact.name) for fact in view.facts if accessible(fact.name)]
    for side, other, name in pairs:
        match _multiple(side), _multiple(other):
            case (int(d), Term() as a), (int(e), Term() as b) if d == e and (a.args or b.args):
                with suppress(ValueError):
                    yield f"{written(view, a)} % {d} = {written(view, b)} % {d}", name


def _multiple(term: Term) -> tuple[int | None, Term]:
    """Return d and a for `d ∣ a` and `a % d = 0`."""
    match term:
        case Term("∣", (Term(number=int(d)), a)) | Term("=", (Term("%", (a, Term(number=int(d)))), Term(number=0))):
            return d, a
        case _:
            return None, term
