"""Infinite descent: `a * a = p * (b * b)` has only the solution 0, for p = q * m with a prime q that m lacks.

q divides a, then b, and the halves (for q = 2) are a smaller solution. So no such square root is rational.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.arithmetic.residues import every_residue
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

PRIMES = (2, 3, 5, 7, 11, 13)


def descent(view: GoalView) -> Iterator[Weighted]:
    """Equations between a square and a multiple of a square."""
    for fact in view.facts:
        match fact.term:
            case Term("=", sides, type="Nat" | "Int" as kind) if accessible(fact.name):
                found = _squares(sides)
                prime = found and _prime(found[2])
                if found and prime:
                    yield _tactic(*found, prime, fact.name, kind), 0.25


def _squares(sides: tuple[Term, ...]) -> tuple[str, str, int] | None:
    """Return a, b and p for `a * a = p * (b * b)`."""
    try:
        left, right = map(polynomial, sides)
    except ValueError:
        return None
    for square, multiple in ((left, right), (right, left)):
        a, b = _square(square), _square(multiple)
        if a and b and a[1] == 1 and b[1] > 1 and a[0] != b[0]:
            return a[0], b[0], b[1]
    return None


def _square(side: Polynomial) -> tuple[str, int] | None:
    match list(side.terms.items()):
        case [((name, same), coefficient)] if name == same and coefficient.denominator == 1:
            return name, int(coefficient)
        case _:
            return None


def _prime(number: int) -> int | None:
    return next((q for q in PRIMES if number % q == 0 and number % (q * q)), None)


def _tactic(a: str, b: str, p: int, q: int, fact: str, kind: str) -> str:
    divided = {}
    for name in ("a", "b"):
        values, pattern = every_residue(name, q)
        divided[name] = (
            f"rcases (by omega : {values}) with {pattern} <;> first | exact hr | simp [Nat.mul_mod, hr] at hm"
        )
    lemma = f"""\
have descent : ∀ b a : Nat, a * a = {p} * (b * b) → b = 0 := by
  intro b
  induction b using Nat.strongRecOn with
  | ind b ih =>
    intro a h
    have ha : a % {q} = 0 := by
      have hm := congrArg (· % {q}) h
      {divided["a"]}
    obtain ⟨c, rfl⟩ : ∃ c, a = {q} * c := ⟨a / {q}, by omega⟩
    have h : {q} * (c * c) = {p // q} * (b * b) := by grind
    have hb : b % {q} = 0 := by
      have hm := congrArg (· % {q}) h
      {divided["b"]}
    obtain ⟨d, rfl⟩ : ∃ d, b = {q} * d := ⟨b / {q}, by omega⟩
    by_cases hd : d = 0
    · omega
    · have := ih d (by omega) c (by grind)
      omega"""
    if kind == "Nat":
        return f"{lemma}\nhave zero_{b} := descent {b} {a} (by grind)\nfirst | omega | grind | simp_all"
    natural = f"have naturals := congrArg Int.natAbs {fact}\nsimp [Int.natAbs_mul, Int.natAbs_pow] at naturals"
    return f"{lemma}\n{natural}\nhave := descent {b}.natAbs {a}.natAbs (by grind)\nfirst | omega | grind"
