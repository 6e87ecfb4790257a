"""Prime numbers, by a predicate of the header or by a hypothesis about all divisors: what may divide them.

These are numerals, which decides their residues, greatest common divisors, factors and other primes; and Euclid's
lemma follows, that a prime which divides a product divides a factor.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from prover.policies.arithmetic.congruences import by_residues
from prover.policies.arithmetic.shapes import Quantified, quantified
from prover.policies.scope import fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted, show
from prover.policies.texts import accessible, listed

MOST_OTHERS = 2
EUCLID = """\
have {name} : ∀ a b, {p} ∣ a * b → {p} ∣ a ∨ {p} ∣ b := by
  intro a b h
  rcases {least} (Nat.gcd {p} a) (Nat.gcd_dvd_left {p} a) with g | g
  · exact Or.inr (Nat.Coprime.dvd_of_dvd_mul_left g h)
  · exact Or.inl (g ▸ Nat.gcd_dvd_right {p} a)"""
POWERS = """\
have {name} : ∀ a k, {p} ∣ a ^ k → {p} ∣ a := by
  intro a k h
  induction k with
  | zero => exact Nat.dvd_trans h (Nat.one_dvd a)
  | succ k ih =>
    rw [Nat.pow_succ] at h
    rcases {euclid} _ _ h with h | h
    · exact ih h
    · exact h"""
SMALLEST = """\
refine ⟨by omega, fun e he => ?_⟩
have := Nat.le_of_dvd (by omega) he
have := Nat.pos_of_dvd_of_pos he (by omega)
have : ∀ m, {p} ∣ m → e ∣ m := fun _ => Nat.dvd_trans he
{instances}grind [{names}]"""


class Known(NamedTuple):
    """A number whose only divisors are 1 and itself: how to say that, and the line that takes it from a predicate."""

    number: Term
    least: str
    opening: str


def primality(view: GoalView) -> Iterator[Weighted]:
    """Primes by what divides them."""
    primes = list(_primes(view))
    names = listed(view.cited)
    match view.target:
        case Term(head, (Term(variable=True) as p,)) if _is_predicate(view, head):
            about_all = [fact.name for fact in view.facts if _is_about_numbers(fact)]
            instances = "".join(f"have := {name} e\n" for name in about_all)
            yield SMALLEST.format(p=p.head, names=names, instances=instances), 0.10
    if not primes:
        return
    opening = [known.opening for known in primes if known.opening]
    yield from _at_numerals(view, primes, opening)
    lines = [line for known in primes for line in _instances(view, primes, known)]
    if lines:
        yield "\n".join([*opening, *lines, "grind"]), 0.15
    products = [known for known in primes if known.number.variable and _divides_product(view, known.number)]
    if products:
        euclid = [
            EUCLID.format(name=f"euclid_{known.number.head}", p=known.number.head, least=known.least)
            for known in products
        ]
        if any(part.head == "^" for term in view.terms for part in term):
            names_of = [known.number.head for known in products]
            euclid += [POWERS.format(name=f"powers_{p}", p=p, euclid=f"euclid_{p}") for p in names_of]
        forgotten = f"clear {' '.join(known.least for known in products)}"
        yield "\n".join([*opening, *euclid, forgotten, "grind [Nat.dvd_trans]"]), 0.15
        yield "\n".join([*opening, *euclid]), 0.02


def _primes(view: GoalView) -> Iterator[Known]:
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    for number, fact in enumerate(view.facts):
        if not accessible(fact.name):
            continue
        match fact.term:
            case Term("∀"):
                found = _only_divisors(fact.term)
                if found is not None:
                    yield Known(found, fact.name, "")
            case Term(head, (term,)) if _is_predicate(view, head):
                least = fresh(f"least_{number}", taken)
                yield Known(term, least, f"have ⟨_, {least}⟩ := {fact.name}")
            case _:
                continue


def _is_predicate(view: GoalView, head: str) -> bool:
    """Is it a predicate on natural numbers that the header defines?"""
    return any(
        each.name == head and each.arguments == ("Nat",) and each.result == "Prop" for each in view.header.signatures
    )


def _is_about_numbers(fact: Fact) -> bool:
    """Does it say something of every natural number?"""
    match quantified(fact.term).variables:
        case ((_, "Nat"),):
            return accessible(fact.name)
        case _:
            return False


def _only_divisors(term: Term) -> Term | None:
    """Return n, if the statement is `∀ d, d ∣ n → d = 1 ∨ d = n`."""
    match quantified(term):
        case Quantified(((d, "Nat"),), (Term("∣", (divisor, whole)),), Term("∨", (Term("="), Term("=")) as cases)):
            right = {case.args[1] for case in cases if case.args[0].is_variable(d)}
            if divisor.is_variable(d) and right == {Term.integer(1), whole}:
                return whole
    return None


def _at_numerals(view: GoalView, primes: list[Known], opening: list[str]) -> Iterator[Weighted]:
    """Yield the primes at 2 and 3, which decide what residues they have."""
    lines = [f"have := {known.least} {divisor}" for known in primes for divisor in (2, 3)]
    yield "\n".join([*opening, *lines, "omega"]), 0.15
    for divisors in ((2, 3), (2,), (3,)):
        stated, facts = list(opening), list(view.facts)
        for (number, known), d in itertools.product(enumerate(primes), divisors):
            name, claim = f"not_{d}_{number}", f"¬ {d} ∣ {show(known.number)}"
            stated.append(f"have {name} : {claim} := fun this => by have := {known.least} {d} this; omega")
            facts.append(Fact(name, Term.negation(Term("∣", (Term.integer(d), known.number), type="Nat"))))
        for tactic in by_residues(replace(view, facts=tuple(facts))):
            yield "\n".join([*stated, tactic]), 0.25
            return


def _instances(view: GoalView, primes: list[Known], known: Known) -> Iterator[str]:
    """Yield what is known of factors, of numbers that divide the prime, and of common divisors with others."""
    match known.number:
        case Term("*", (a, b)):
            left, right = show(a), show(b)
            yield f"have := {known.least} {left} (Nat.dvd_mul_right {left} {right})"
            yield f"have := {known.least} {right} (Nat.dvd_mul_left {right} {left})"
            yield from _product_is_larger(left, right)
    for fact in view.facts:
        match fact.term:
            case Term("∣", (divisor, whole)) if whole == known.number and accessible(fact.name):
                yield f"have := {known.least} {show(divisor)} {fact.name}"
            case Term("=", (Term("*", (a, b)), whole)) | Term("=", (whole, Term("*", (a, b)))) if whole == known.number:
                yield f"have := {known.least} {show(a)} ⟨{show(b)}, by omega⟩"
                yield f"have := {known.least} {show(b)} ⟨{show(a)}, by rw [Nat.mul_comm]; omega⟩"
                yield from _product_is_larger(show(a), show(b))
    p = show(known.number)
    others = [name for name, kind in view.numbers.items() if kind == "Nat" and accessible(name) and name != p]
    for other in others[:MOST_OTHERS]:
        yield f"have := {known.least} (Nat.gcd {p} {other}) (Nat.gcd_dvd_left {p} {other})"
        yield f"have := Nat.gcd_dvd_right {p} {other}"
        yield f"have := Nat.gcd_comm {p} {other}"
        yield f"have := fun h : 0 < {other} => Nat.le_of_dvd h (Nat.gcd_dvd_right {p} {other})"


def _product_is_larger(left: str, right: str) -> Iterator[str]:
    yield f"have : 1 < {right} → {left} * 2 ≤ {left} * {right} := fun h => Nat.mul_le_mul_left {left} h"
    yield f"have : 1 < {left} → 2 * {right} ≤ {left} * {right} := fun h => Nat.mul_le_mul_right {right} h"


def _divides_product(view: GoalView, p: Term) -> bool:
    """Is p said to divide a product or a power?"""
    return any(
        part.head == "∣" and part.args[0] == p and part.args[1].head in "*^" for term in view.terms for part in term
    )
