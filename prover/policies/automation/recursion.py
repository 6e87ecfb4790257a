"""Induction as the header's functions recurse: `fun_induction`, with the cases closed by their equations.

That one number is divisible if another is would be too weak for an induction. That both leave the same remainder is
not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, is_type, listed, written

MOST_CALLS = 4


def recursion(view: GoalView) -> Iterator[Weighted]:
    """Functional induction on each call of a function of the header."""
    names = listed(view.cited)
    for place, call in enumerate(calls(view)[:MOST_CALLS]):
        weight = 0.8**place
        opening = f"fun_induction {call}"
        yield f"{opening} <;> grind [{names}]", 0.07 * weight
        yield f"{opening} <;> simp_all [{names}]", 0.06 * weight
        yield f"{opening} <;> omega", 0.02 * weight
        yield f"{opening} <;> simp_all [{names}] <;> omega", 0.03 * weight
        yield f"{opening} <;> simp_all [{names}] <;> grind", 0.03 * weight
        yield f"set_option tactic.hygienic false in {opening}", 0.006 * weight  # cases with names
        for claim, unused in _congruences(view):
            clearing = [f"  clear {unused}"] if unused else []
            same = [f"have same : {claim} := by", *clearing, f"  fun_induction {call} <;> first | omega | grind"]
            yield "\n".join([*same, "omega"]), 0.1 * weight


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


def calls(view: GoalView) -> list[str]:
    """Return the calls on variables, as Lean text without the types that Lean finds itself."""
    found: dict[str, None] = {}
    for term in view.terms:
        for part in term:
            if part.head in view.definitions and part.args and not part.variable:
                text = _call(view, part)
                if text:
                    found[text] = None
    return list(found)


def _call(view: GoalView, call: Term) -> str | None:
    given = [arg for arg in call.args if not is_type(view, arg)]
    if not any(arg.variable for arg in given):
        return None
    try:
        return written(view, call)[1:-1]
    except ValueError:
        return None
