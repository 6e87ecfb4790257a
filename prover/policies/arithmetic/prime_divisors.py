"""Every number above 1 has a prime divisor, and so there are primes beyond every number (Euclid).

A multiple m of the numbers up to n is found by induction; a prime divisor of m + 1 is none of them. Primes are what a
predicate of the header calls so, or numbers that only 1 and themselves divide.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.arithmetic.shapes import quantified
from prover.policies.scope import fresh
from prover.policies.terms import FALSE, Fact, GoalView, Term, Weighted, show
from prover.policies.texts import accessible, listed

LEMMA = """\
have prime_divisor : ∀ n, 1 < n → ∃ p, 1 < p ∧ (∀ d, d ∣ p → d = 1 ∨ d = p) ∧ p ∣ n := by
  intro n
  induction n using Nat.strongRecOn with
  | ind n ih =>
    intro h
    by_cases prime : ∀ d, d ∣ n → d = 1 ∨ d = n
    · exact ⟨n, h, prime, Nat.dvd_refl n⟩
    · simp only [Classical.not_forall, not_or] at prime
      obtain ⟨d, hd, h1, h2⟩ := prime
      have := Nat.le_of_dvd (by omega) hd
      have := Nat.pos_of_dvd_of_pos hd (by omega)
      obtain ⟨p, hp, least, hpd⟩ := ih d (by omega) (by omega)
      exact ⟨p, hp, least, Nat.dvd_trans hpd hd⟩"""
BEYOND = """\
have multiple : ∀ n, ∃ m, 0 < m ∧ ∀ d, 0 < d → d ≤ n → d ∣ m := by
  intro n
  induction n with
  | zero => exact ⟨1, by omega, by omega⟩
  | succ n ih =>
    obtain ⟨m, hm, h⟩ := ih
    refine ⟨m * (n + 1), Nat.mul_pos hm (by omega), fun d h0 h1 => ?_⟩
    rcases Nat.lt_or_ge n d with l | l
    · exact Nat.le_antisymm h1 l ▸ Nat.dvd_mul_left (n + 1) m
    · exact Nat.dvd_mul_right_of_dvd (h d h0 l) (n + 1)
have beyond : ∀ n, ∃ p, n < p ∧ 1 < p ∧ ∀ d, d ∣ p → d = 1 ∨ d = p := by
  intro n
  obtain ⟨m, hm, all⟩ := multiple n
  obtain ⟨p, hp, least, hd⟩ := prime_divisor (m + 1) (by omega)
  refine ⟨p, Nat.lt_of_not_le fun le => ?_, hp, least⟩
  have := (Nat.dvd_add_right (all p (by omega) le)).mp hd
  have := Nat.le_of_dvd (by omega) this
  omega"""


def prime_divisors(view: GoalView) -> Iterator[Weighted]:
    """A prime beyond the bound in the goal, or a prime divisor of each number in it."""
    if not any(_is_about_primes(view, part) for term in view.terms for part in term):
        return
    names = listed(view.cited)
    rules = ", ".join([*([names] if names else []), "Nat.dvd_trans"])
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    p = fresh("p", taken)
    at_p = [f"have := {fact.name} {p}" for fact in view.facts if _is_about_numbers(fact)]
    finish = f"first | exact ⟨{p}, by grind [{names}]⟩ | grind [{rules}]"
    for bound in list(dict.fromkeys(_bounds(view)))[:1]:
        opening = f"{LEMMA}\n{BEYOND}\nobtain ⟨{p}, above, big, least⟩ := beyond {bound}"
        yield "\n".join([opening, *at_p, finish]), 0.25
    for number, lines, small in list(_numbers(view))[:1]:
        ways = " | ".join(["omega", *small, f"grind [{names}]"])
        cases = f"rcases Nat.lt_or_ge 1 {number} with one | one\nrotate_left\n· first | {ways}"
        opening = f"{LEMMA}\n{cases}\nobtain ⟨{p}, big, least, divides⟩ := prime_divisor {number} one"
        yield "\n".join([opening, *(line.format(p=p) for line in lines), *at_p, finish]), 0.06


def _is_about_numbers(fact: Fact) -> bool:
    """Does it say something of every natural number?"""
    return accessible(fact.name) and [kind for _, kind in quantified(fact.term).variables] == ["Nat"]


def _numbers(view: GoalView) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield numbers that a prime may divide, greatest common divisors first.

    With what follows from that, and ways to the goal where the number is no more than 1.
    """
    for part in view.target:
        match part:
            case Term("Nat.gcd", (left, right)):
                with suppress(ValueError):
                    a, b = show(left), show(right)
                    sides = [
                        f"have := Nat.dvd_trans divides (Nat.gcd_dvd_{side} {a} {b})" for side in ("left", "right")
                    ]
                    positive = f"Nat.gcd_pos_of_pos_left {b} (by omega : 0 < {a})"
                    other = f"Nat.gcd_pos_of_pos_right {a} (by omega : 0 < {b})"
                    yield show(part), sides, [f"(have := {each}; omega)" for each in (positive, other)]
    for name, kind in view.numbers.items():
        if kind == "Nat" and accessible(name) and name in view.target.variables:
            yield name, [], []


def _is_about_primes(view: GoalView, term: Term) -> bool:
    """Is it a predicate of the header on natural numbers, or about all divisors of a number?"""
    match term:
        case Term("∀", (Term("Nat"), Term("→", (Term("∣"), Term("∨"))))):
            return True
        case Term(head, (_,)):
            return any(
                each.name == head and each.arguments == ("Nat",) and each.result == "Prop"
                for each in view.header.signatures
            )
        case _:
            return False


def _bounds(view: GoalView) -> Iterator[str]:
    """Yield what the number that is to be found has to exceed, or what is said to bound all of them."""
    match view.target:
        case Term("∃", (Term("Nat"), Term("∧", parts)), name=name):
            for part in parts:
                match part:
                    case Term("<" | "≤", (low, high)) if high.is_variable(name) and name not in low.variables:
                        with suppress(ValueError):
                            yield show(low)
        case _ if view.target == FALSE:
            for fact in view.facts:
                match fact.term:
                    case Term("∀", (Term("Nat"), Term("→", (_, Term("<" | "≤", (low, high))))), name=name):
                        if low.is_variable(name) and high.variables <= view.variables.keys():
                            with suppress(ValueError):
                                yield show(high)
        case _:
            return
