"""An equation that has no solution modulo some small number: `x ^ 2 = 5 * y + 3`, modulo 5.

Which number decides, trying all residues tells. Lean gets the residues of the powers and products that occur.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.arithmetic.residues import MODULI, introduction, lines_modulo
from prover.policies.terms import GoalView, Term, Weighted, evaluate, literals

MOST_TRIED = 600
OPERATIONS = {"+", "-", "*", "^", "neg", "number", "↑"}


def decisive_modulus(view: GoalView) -> Iterator[Weighted]:
    """A hypothesis `p = q` between polynomials, or such a goal with `≠`."""
    claims = [fact.term for fact in view.facts]
    if view.target.head in {"≠", "¬"}:
        denied = view.target if view.target.head == "≠" else view.target.args[0]
        claims.append(Term("=", denied.args, type=denied.type) if denied.head in {"≠", "="} else denied)
    candidates = dict.fromkeys([*MODULI, *(m for m in literals(claims) if 2 < m <= 32)])
    for claim in claims:
        if claim.head != "=" or claim.type not in {"Int", "Nat"} or not _is_polynomial(view, claim):
            continue
        for modulus in sorted(candidates):
            lines = lines_modulo(view, modulus)
            if lines and _has_no_solution(claim, modulus, view):
                yield introduction(view) + "\n".join(lines) + "\nomega", 0.4
                return


def _is_polynomial(view: GoalView, claim: Term) -> bool:
    subtracts = any(part.head == "-" and part.type == "Nat" for part in claim)
    return not subtracts and all(
        part.number is not None or part.head in (view.numbers if part.variable else OPERATIONS)
        for side in claim.args
        for part in side
    )


def _has_no_solution(claim: Term, modulus: int, view: GoalView) -> bool:
    names = sorted(claim.variables)
    if modulus ** len(names) > MOST_TRIED:
        return False
    left, right = claim.args
    given_residues = [term for fact in view.facts if _tells_residue(term := fact.term, modulus)]
    for values in itertools.product(range(modulus), repeat=len(names)):
        given = dict(zip(names, values, strict=True))
        if any(evaluate(term, given) is False for term in given_residues):
            continue
        a, b = evaluate(left, given), evaluate(right, given)
        if a is None or b is None or (int(a) - int(b)) % modulus == 0:
            return False
    return True


def _tells_residue(term: Term, modulus: int) -> bool:
    """Does it say `x % d = r` or the like, for a divisor d of the modulus?"""
    match term:
        case Term("=" | "≠", (Term("%", (Term(variable=True), Term(number=int() as divisor))), Term(number=int()))):
            return divisor > 0 and modulus % divisor == 0
        case _:
            return False
