"""Equations of integers, multiplied by a factor that is not zero: what fractions rest on.

`a * q = b * p` and `b * r = c * q` give `a * r * q = c * p * q`, and q can be cancelled. That q is not zero may be a
hypothesis, or part of the type of a variable (`{n : Int // n ≠ 0}`).
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

CANCEL = "refine Int.eq_of_mul_eq_mul_right {proof} ?_\ngrind"
POSITIVE = "Int.ne_of_gt ({})"
MOST_FACTORS = 4


def common_factors(view: GoalView) -> Iterator[Weighted]:
    """Cancel each factor that is known not to be zero."""
    if view.target.head != "=" or view.target.type != "Int" or not any(part.head == "*" for part in view.target):
        return
    if not any(fact.term.head == "=" and fact.term.type == "Int" for fact in view.facts):
        return
    proofs = [proof for fact in view.facts if accessible(fact.name) for proof in _nonzero(fact.name, fact.term)]
    typed = [x for x in view.variables if accessible(x)]
    typed.sort(key=lambda x: x in view.target.variables)  # what is to be cancelled stands between the two sides
    proofs += [proof for x in typed for proof in _by_type(x, view.variables[x])]
    for place, proof in enumerate(proofs[:MOST_FACTORS]):
        yield CANCEL.format(proof=f"({proof})"), 0.12 * 0.9**place


def _nonzero(proof: str, term: Term) -> Iterator[str]:
    match term:
        case Term("≠", (_, Term(number=0)), type="Int") | Term("¬", (Term("=", (_, Term(number=0)), type="Int"),)):
            yield proof
        case Term("<", (Term(number=0), _), type="Int"):
            yield POSITIVE.format(proof)


def _by_type(text: str, type_: Term) -> Iterator[str]:
    """Yield what the type of a variable, or of its components, says about numbers in it."""
    match type_:
        case Term("Prod", (left, right)):
            yield from _by_type(f"{text}.1", left)
            yield from _by_type(f"{text}.2", right)
        case Term("Subtype", (Term("Int"), Term("λ", (_, body)))):
            yield from _nonzero(f"{text}.2", body)
