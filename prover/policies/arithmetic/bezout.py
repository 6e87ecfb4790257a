"""Bézout's identity: `a * x + b * y = gcd a b` for some integers x and y, by Euclid's algorithm.

The identity is proved as a lemma and used at the greatest common divisors that the goal mentions; multiples of x and y
give multiples of the divisor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted, show
from prover.policies.texts import accessible

MOST_PAIRS = 2
LEMMA = """\
have bezout : ∀ a b : Nat, ∃ x y : Int, a * x + b * y = Nat.gcd a b := by
  intro a b
  induction a, b using Nat.gcd.induction with
  | H0 n => exact ⟨0, 1, by simp⟩
  | H1 m n _ ih =>
    obtain ⟨x, y, h⟩ := ih
    refine ⟨y - (n / m : Nat) * x, x, ?_⟩
    rw [Nat.gcd_rec, ← h]
    have := Nat.div_add_mod n m
    have : (n : Int) = m * (n / m : Nat) + (n % m : Nat) := by omega
    grind"""


def bezout(view: GoalView) -> Iterator[Weighted]:
    """The identity at each pair of numbers, where integers are to be found."""
    match view.target:
        case Term("∃", (Term("Int"), Term("∃", (Term("Int"), Term("="))))):
            pass
        case _:
            return
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    x, y, h = fresh("x", taken), fresh("y", taken), fresh("identity", taken)
    for a, b in list(dict.fromkeys(_pairs(view)))[:MOST_PAIRS]:
        opening = f"{LEMMA}\nobtain ⟨{x}, {y}, {h}⟩ := bezout {a} {b}"
        yield f"{opening}\nfirst | exact ⟨{x}, {y}, by grind⟩ | exact ⟨{x}, -{y}, by grind⟩", 0.30
        for fact in view.facts:
            match fact.term:
                case Term("∣", (Term("Nat.gcd"), _)) if accessible(fact.name):
                    k = fresh("k", [*taken, x, y])
                    multiple = f"obtain ⟨{k}, rfl⟩ := {fact.name}\nexact ⟨{x} * {k}, {y} * {k}, by grind⟩"
                    yield f"{opening}\n{multiple}", 0.20


def _pairs(view: GoalView) -> Iterator[tuple[str, str]]:
    for term in view.terms:
        for part in term:
            match part:
                case Term("Nat.gcd", (a, b)) if part.variables <= view.variables.keys():
                    with suppress(ValueError):
                        yield show(a), show(b)
