"""`∃ a b, n = 3 * a + 5 * b` for natural numbers: the coins of one kind are determined by n modulo the other.

For each remainder of n the fewest coins of the second kind that leave a multiple of the first are the witness.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.arithmetic.residues import every_residue
from prover.policies.terms import GoalView, Term, Weighted, show

MOST_RESIDUES = 30


def coins(view: GoalView) -> Iterator[Weighted]:
    """Both numbers of coins, by the remainder of the sum."""
    match view.target:
        case Term("∃", (Term("Nat"), Term("∃", (Term("Nat"), Term("=", (left, right)), *_), name=b)), name=a):
            for whole, total in ((left, right), (right, left)):
                p, q = _worth(total, a), _worth(total, b)
                if p is None or q is None or total.variables != {a, b} or total.variables & whole.variables:
                    continue
                with suppress(ValueError):
                    ways = (_paid(show(whole), p, q, "{many}, {few}"), _paid(show(whole), q, p, "{few}, {many}"))
                    yield from ((way, 0.30) for way in ways if way)


def _worth(total: Term, coin: str) -> int | None:
    """Return the coefficient of a variable in a sum of two products with numbers."""
    match total:
        case Term("+", parts):
            for part in parts:
                match part:
                    case Term("*", (Term(number=int(worth)), factor) | (factor, Term(number=int(worth)))):
                        if factor.is_variable(coin) and worth > 0:
                            return worth
                    case Term(variable=True) if part.is_variable(coin):
                        return 1
    return None


def _paid(whole: str, p: int, q: int, form: str) -> str | None:
    """Return the cases of the remainder modulo p, where the coins of worth p are many; None if some have no witness."""
    if not 1 < p <= MOST_RESIDUES:
        return None
    few = [next((k for k in range(p) if q * k % p == rest), None) for rest in range(p)]
    if None in few:
        return None
    every, pattern = every_residue(whole, p)
    lines = [f"rcases (by omega : {every}) with {pattern}"]
    for k in few:
        witnesses = form.format(many=f"({whole} - {q * (k or 0)}) / {p}", few=k)
        lines.append(f"· exact ⟨{witnesses}, by omega⟩")
    return "\n".join(lines)
