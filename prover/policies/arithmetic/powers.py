"""Powers of a number with a variable exponent: they are periodic modulo another number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.arithmetic.residues import introduction, residues_of_power
from prover.policies.arithmetic.shapes import moduli, powers_in, powers_of_variables
from prover.policies.terms import GoalView, Term, Weighted, literals, show


def powers(view: GoalView) -> Iterator[Weighted]:
    """`b ^ e` modulo `m`: it is periodic in `e`; prove that, and go through the residues of `e`."""
    bases = dict.fromkeys(_with_variable_exponent(view))
    by = [m for m in literals(moduli(view.terms)) if 1 < m <= 1000]
    for (base, term, kind), modulus in itertools.islice(itertools.product(bases, by), 6):
        cycle = _cycle(base, modulus)
        if cycle is None:
            continue
        start, period = cycle
        try:
            exponent = show(term)
        except ValueError:
            continue
        typed = f"({base} : {kind})"
        plus = f" + {start}" if start else ""
        step = f"{period} * (q + 1) + r{plus} = ({period} * q + r{plus}) + {period}"
        equation = f"{typed} ^ ({period} * q + r{plus}) % {modulus} = {typed} ^ (r{plus}) % {modulus}"
        lines = [
            f"have key : ∀ q r : Nat, {equation} := by",
            "  intro q r",
            "  induction q with",
            "  | zero => simp",
            f"  | succ q ih => rw [show {step} by omega, {'Nat' if kind == 'Nat' else 'Int'}.pow_add]; omega",
        ]
        shifted = f"({exponent} - {start})" if start else exponent
        instance = f"have hp := key ({shifted} / {period}) ({shifted} % {period})"
        residues_ = " ∨ ".join(f"{shifted} % {period} = {r}" for r in range(period))
        pattern = "|".join(["hr"] * period)
        if period > 24:
            continue
        intro = introduction(view)
        if not start:
            lines += [instance, "rw [Nat.div_add_mod] at hp"]
        else:
            lines += [
                instance,
                f"rw [show {period} * ({shifted} / {period}) + {shifted} % {period}{plus} = {exponent} by omega] at hp",
            ]
        positive = "Nat.pow_pos" if kind == "Nat" else "Int.pow_pos"
        lines.append(f"have hpos : 0 < {typed} ^ {exponent} := {positive} (by decide)")  # which omega cannot see
        others = powers_of_variables(view.terms)[:2]
        lines += [residues_of_power(power, modulus) for power in others if modulus <= 16]
        lines.append(f"rcases (by omega : {residues_}) with {pattern} <;> rw [hr] at hp <;> simp at hp <;> omega")
        yield intro + "\n".join(lines), 0.05


def _with_variable_exponent(view: GoalView) -> Iterator[tuple[int, Term, str]]:
    """Base, exponent and type of each power of a number above 1 whose exponent has variables."""
    for power in powers_in(view.terms):
        match power:
            case (Term(number=int(base)), exponent, kind) if base > 1 and exponent.variables:
                yield base, exponent, kind


def _cycle(base: int, modulus: int) -> tuple[int, int] | None:
    """Return where the powers of `base` begin to repeat modulo `modulus`, and the period."""
    seen: dict[int, int] = {}
    value = 1 % modulus
    for i in range(modulus + 1):
        if value in seen:
            return seen[value], i - seen[value]
        seen[value] = i
        value = value * base % modulus
    return None
