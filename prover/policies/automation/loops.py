"""Loops that carry two neighbours of a sequence, as those that compute Fibonacci numbers.

`go n 0 1 = fib n` follows from `go n (fib k) (fib (k + 1)) = fib (k + n)`, by induction on n.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, listed

NEIGHBOURS = """\
have general : ∀ k, {loop} {n} ({sequence} k) ({sequence} (k + 1)) = {sequence} (k + {n}) := by
  induction {n} with
  | zero => simp [{names}]
  | succ {n} ih =>
    intro k
    have := ih (k + 1)
    simp only [{loop}]
    grind [{names}]
have := general 0
simp_all [{names}]"""


def loops(view: GoalView) -> Iterator[Weighted]:
    """Make the start of a loop general: any two neighbours of the sequence that it is to compute."""
    match view.target:
        case Term("=", (left, right)):
            for loop, sequence in ((left, right), (right, left)):
                match loop, sequence:
                    case (
                        Term(head=f, args=(Term(variable=True, head=n), Term(number=int()), Term(number=int()))),
                        Term(head=g, args=(Term(variable=True, head=same),)),
                    ) if n == same and {f, g} <= {*view.definitions} and accessible(n):
                        names = listed(view.cited)
                        yield NEIGHBOURS.format(loop=defined(f), sequence=defined(g), n=n, names=names), 0.15
