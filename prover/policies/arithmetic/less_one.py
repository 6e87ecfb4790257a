"""Powers less one, of natural numbers: `b - 1 ∣ b ^ n - 1`, and `b ^ m - 1 ∣ b ^ n - 1` if m divides n.

The finite geometric series is proved as a lemma, `c ∣ (c + 1) ^ k - 1`, and used at the base, or at its power.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, written

SERIES = """\
have series : ∀ c k : Nat, c ∣ (c + 1) ^ k - 1 := by
  intro c k
  induction k with
  | zero => simp
  | succ k ih =>
    obtain ⟨d, hd⟩ := ih
    have := Nat.pow_pos (n := k) (by omega : 0 < c + 1)
    have e : (c + 1) ^ k = c * d + 1 := by omega
    refine ⟨(c + 1) * d + 1, ?_⟩
    rw [Nat.pow_succ, e]
    have : (c * d + 1) * (c + 1) = c * ((c + 1) * d + 1) + 1 := by grind
    omega"""


def less_one(view: GoalView) -> Iterator[Weighted]:
    """The series at the base, or at a power of it whose exponent divides the other."""
    match view.target:
        case Term(
            "∣", (Term("-", (small, Term(number=1))), Term("-", (Term("^", (b, n)), Term(number=1)))), type="Nat"
        ):
            with suppress(ValueError):
                base, exponent = written(view, b), written(view, n)
                if small == b:
                    yield _at(base, exponent, base, ""), 0.40
                elif small.head == "^" and small.args[0] == b:
                    yield from _at_power(view, base, small.args[1], n)


def _at_power(view: GoalView, base: str, m: Term, n: Term) -> Iterator[Weighted]:
    power = f"{base} ^ {written(view, m)}"
    for fact in view.facts:
        if fact.term.head == "∣" and fact.term.args == (m, n) and accessible(fact.name):
            k = fresh("k", [*view.variables, *(each.name for each in view.facts)])
            yield f"obtain ⟨{k}, h_{k}⟩ := {fact.name}\nrw [h_{k}]\n{_at(power, k, base, ', ← Nat.pow_mul')}", 0.40
    if n.head == "*" and m in n.args:
        other = n.args[1] if n.args[0] == m else n.args[0]
        swapped = "" if n.args[0] == m else f"rw [Nat.mul_comm {written(view, other)}]\n"
        yield swapped + _at(power, written(view, other), base, ", ← Nat.pow_mul"), 0.40


def _at(large: str, k: str, base: str, rules: str) -> str:
    """Return the series at `large - 1`; for the base 0 there is nothing to show but for what is computed."""
    return "\n".join([
        SERIES,
        f"rcases Nat.eq_zero_or_pos ({base}) with zero | positive",
        "· simp_all",
        f"· have := series ({large} - 1) {k}",
        f"  rwa [Nat.sub_add_cancel (by first | exact positive | exact Nat.pow_pos positive){rules}] at this",
    ])  # fmt: skip
