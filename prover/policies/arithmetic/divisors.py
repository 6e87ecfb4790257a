"""Divisors of a number: all of them, as a list that Lean proves complete."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.terms import Fact, GoalView, Term, Weighted, evaluate, showable

MOST_DIVISOR = 20_000


def divisors(view: GoalView) -> Iterator[Weighted]:
    """`x * y = c` or `x ∣ c`: x is one of the divisors of c."""
    for name, value, proof in itertools.islice(divisibilities(showable(view.facts)), 4):
        if value > MOST_DIVISOR:
            continue
        values = [d for d in range(1, value + 1) if value % d == 0]
        if len(values) > 40:
            continue
        lines = [
            divisor_lemma(value, f"[{', '.join(map(str, values))}]"),
            f"have hm := divisors_{value} {name} {proof}",
            f"clear divisors_{value}",
            "simp only [List.mem_cons, List.not_mem_nil, or_false] at hm",
        ]
        split = "\n".join([*lines, f"rcases hm with {' | '.join(['rfl'] * len(values))}"])
        for finish in ("omega", "simp_all <;> omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", 0.06
        yield "\n".join(lines), 0.01


def divisor_lemma(value: int, listed: str) -> str:
    """Return lines that prove `divisors_VALUE : ∀ d, d ∣ VALUE → d ∈ LISTED`."""
    below = "List.mem_range.mpr (Nat.lt_succ_of_le (Nat.le_of_dvd (by decide) hd))"
    return (
        f"have divisors_{value} : ∀ d : Nat, d ∣ {value} → d ∈ {listed} := by\n"
        f"  have key : ((List.range {value + 1}).filter fun d => {value} % d == 0) = {listed} := by decide +kernel\n"
        "  intro d hd\n"
        "  rw [← key]\n"
        f"  exact List.mem_filter.mpr ⟨{below}, by simp [Nat.mod_eq_zero_of_dvd hd]⟩"
    )


def divisibilities(facts: Sequence[Fact]) -> Iterator[tuple[str, int, str]]:
    """Variables that divide a number by some hypothesis, with the number and the proof."""
    for fact in facts:
        match fact.term:
            case Term("∣", (Term(variable=True) as divisor, Term(number=int(value)))) if value > 1:
                yield divisor.head, value, fact.name
            case Term("=", (left, right), type="Nat"):
                for side, other, equation in ((left, right, fact.name), (right, left, f"{fact.name}.symm")):
                    number = evaluate(other, {})
                    if isinstance(number, int) and 1 < number <= MOST_DIVISOR:
                        for variable, proof in _factors(side, equation):
                            yield variable, number, proof


def _factors(term: Term, equation: str) -> Iterator[tuple[str, str]]:
    """Variables that divide a product or an lcm, with the proof of `variable ∣ value` from `term = value`."""
    match term:
        case Term("Nat.lcm", arguments):
            for argument, lemma in zip(arguments, ("left", "right"), strict=True):
                if argument.variable:
                    yield argument.head, f"({equation} ▸ Nat.dvd_lcm_{lemma} _ _)"
        case Term("*", (left, right)):
            if left.variable:
                yield left.head, f"(by rw [← {equation}]; exact Nat.dvd_mul_right _ _)"
            if right.variable:
                yield right.head, f"(by rw [← {equation}]; exact Nat.dvd_mul_left _ _)"
            yield from _factors_of_factor(left, equation)


def _factors_of_factor(term: Term, equation: str) -> Iterator[tuple[str, str]]:
    """Variables that divide the left factor of a product, with the proof that they divide its value."""
    match term:
        case Term("*", (left, right)):
            for factor, lemma in ((left, "right"), (right, "left")):
                if factor.variable:
                    steps = f"(Nat.dvd_mul_{lemma} _ _) (Nat.dvd_mul_right _ _)"
                    yield factor.head, f"(by rw [← {equation}]; exact Nat.dvd_trans {steps})"
