"""A sum of squares that is not positive: every one of the squares is zero.

`a ^ 2 + a * b + b ^ 2 = 0` is such a sum, by completing squares, so that `2 * a + b = 0` and `b = 0`. What follows from
these is linear.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.arithmetic.quadratic_forms import MOST_VARIABLES, Form, sum_of_squares
from prover.policies.terms import Fact, GoalView, Weighted
from prover.policies.texts import accessible

ROOT = """\
have root : ∀ t : Int, t ^ 2 ≤ 0 → t = 0 := fun t h => Classical.byContradiction fun hn => by
  rcases Int.lt_or_gt_of_ne hn with sign | sign
  · have := Int.mul_pos_of_neg_of_neg sign sign; grind
  · have := Int.mul_pos sign sign; grind"""


def vanishing_squares(view: GoalView) -> Iterator[Weighted]:
    """Hypotheses `p = q` and `p ≤ q` between integers, with p - q a sum of squares."""
    for fact in view.facts:
        squares = _squares(view, fact)
        if squares:
            names = [name for name, kind in view.numbers.items() if kind == "Int"]
            texts = [text for form in squares if (text := _text(form, names))]
            lines = [
                f"have square{i} : 0 ≤ ({text}) ^ 2 := Int.pow_nonneg_of_even (by decide)"
                for i, text in enumerate(texts)
            ]
            if any(not any(form[:-1]) for form in squares):
                yield "\n".join([*lines, "exfalso", "grind"]), 0.10
                return
            zeros = [f"have zero{i} : {text} = 0 := root _ (by grind)" for i, text in enumerate(texts)]
            yield "\n".join([*lines, ROOT, *zeros, "first | omega | grind"]), 0.20
            yield "\n".join([*lines, ROOT, *zeros, "clear root"]), 0.02


def _squares(view: GoalView, fact: Fact) -> list[Form]:
    """Return linear forms in the goal's integers whose squares add up to the difference, with positive weights."""
    term = fact.term.upright
    if term.head not in {"=", "≤"} or term.type != "Int" or not accessible(fact.name):
        return []
    names = [name for name, kind in view.numbers.items() if kind == "Int"]
    with suppress(ValueError):
        left, right = map(polynomial, term.args)
        for difference in (left - right, right - left) if term.head == "=" else (left - right,):
            occurring = {name for monomial in difference.terms for name in monomial}
            fits = difference.degree == 2 and occurring <= set(names) and len(names) <= MOST_VARIABLES
            if fits and (found := sum_of_squares(difference, names)):
                return found
    return []


def _text(form: Form, names: list[str]) -> str:
    if not any(form[:-1]):
        return ""
    linear = [((name,), entry) for name, entry in zip(names, form, strict=False)]
    return Polynomial.of([*linear, ((), form[-1])]).text
