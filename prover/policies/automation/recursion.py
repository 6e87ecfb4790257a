"""Induction as the header's functions recurse: `fun_induction`, with the cases closed by their equations."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import is_type, listed, written

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


def calls(view: GoalView) -> list[str]:
    """Return the calls on variables, as Lean text without the types that Lean finds itself."""
    functions = view.header.unfolded(view.definitions)
    found: dict[str, None] = {}
    for term in view.terms:
        for part in term:
            if part.head in functions and part.args and not part.variable:
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
