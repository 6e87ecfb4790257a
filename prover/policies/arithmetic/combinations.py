"""Common divisors of what has a known combination: `gcd a b = 1` from `a * x + b * y = 1`, `gcd a b ∣ n` from `… = n`.

The greatest common divisor divides both numbers, hence each combination of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.arithmetic.shapes import without_casts
from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, written

DIVIDES = {
    "Nat.gcd": "Int.natCast_dvd_natCast.2 (Nat.gcd_dvd_{side} {a} {b})",
    "Int.gcd": "Int.gcd_dvd_{side} {a} {b}",
}


def known_combinations(view: GoalView) -> Iterator[Weighted]:
    """Each hypothesis that is such a combination."""
    match view.target:
        case Term("=", (Term(("Nat.gcd" | "Int.gcd") as gcd, (a, b)), Term(number=1) as whole)):
            closing = "exact Nat.dvd_one.1 (Int.natCast_dvd_natCast.1 divides)"
        case Term("∣", (Term("Nat.gcd" as gcd, (a, b)), whole), type="Nat"):
            closing = "exact Int.natCast_dvd_natCast.1 divides"
        case _:
            return
    for fact in view.facts:
        for sum_ in fact.term.args if fact.term.head == "=" and fact.term.type == "Int" else ():
            with suppress(ValueError):
                if accessible(fact.name) and (factors := _factors(sum_, a, b)):
                    x, y = (written(view, factor) for factor in factors)
                    yield _proof(view, gcd, (a, b), whole, (x, sum_.head, y), closing), 0.30


def _factors(sum_: Term, a: Term, b: Term) -> tuple[Term, Term] | None:
    """Return what a and b are multiplied by, if it is a sum or difference of their multiples."""
    if sum_.head not in {"+", "-"}:
        return None
    found = [_factor(part, of) for part, of in zip(sum_.args, (a, b), strict=True)]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def _factor(product: Term, of: Term) -> Term | None:
    if without_casts(product) == without_casts(of):
        return Term.integer(1)
    if product.head == "*":
        for this, other in (product.args, product.args[::-1]):
            if without_casts(this) == without_casts(of):
                return other
    return None


def _proof(view: GoalView, gcd: str, of: tuple[Term, Term], whole: Term, by: tuple[str, str, str], closing: str) -> str:
    a, b = (written(view, each) for each in of)
    left, right = (DIVIDES[gcd].format(side=side, a=a, b=b) for side in ("left", "right"))
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    u, v = fresh("u", taken), fresh("v", taken)
    x, sign, y = by
    quotient = f"{u} * {x} {sign} {v} * {y}"
    return "\n".join([
        f"obtain ⟨{u}, h{u}⟩ := {left}",
        f"obtain ⟨{v}, h{v}⟩ := {right}",
        f"have divides : ({gcd} {a} {b} : Int) ∣ ({written(view, whole)} : Int) := ⟨{quotient}, by grind⟩",
        closing,
    ])  # fmt: skip
