"""Nonlinear terms modulo a small number: the residues that they can have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress

from prover.policies.arithmetic.shapes import VariablePower, moduli, powers_of_variables, subterms
from prover.policies.terms import GoalView, Term, Weighted, distinct, literals, show

MOST_SQUARES = 4
MODULI = (2, 3, 4, 5, 7, 8, 9, 16)


def residues(view: GoalView) -> Iterator[Weighted]:
    """Nonlinear terms modulo a small number: what residues they can have, then linear arithmetic."""
    powers = powers_of_variables(view.terms)
    products = distinct(_products(view.terms))
    bases = {power.variable: power.type for power in powers if power.variable in view.numbers}
    bases |= {name: t.type for t in products for name in t.variables if name in view.numbers}
    if not bases and not products:
        return
    squares = list(dict.fromkeys(_squares(view.terms)))[:MOST_SQUARES]
    written = [m for m in literals(moduli(view.terms)) if 1 < m <= 32]
    others = [m for m in literals(view.terms) if 2 < m <= 16]
    for modulus in list(dict.fromkeys([*written, *others, *MODULI]))[:9]:
        weight = 0.06 if modulus in written else 0.02
        for name, kind in list(bases.items())[:2] if len(bases) == 1 else []:
            mod = "Nat" if kind == "Nat" else "Int"
            cases, pattern = every_residue(name, modulus)
            rules = _modular_rules(mod)
            if modulus in written:
                yield f"rcases (by omega : {cases}) with {pattern} <;> simp [{rules}, hr]", weight
                yield f"rcases (by omega : {cases}) with {pattern} <;> first | omega | simp [{rules}, hr]", weight
                yield f"rcases (by omega : {cases}) with {pattern} <;> simp_all [{rules}] <;> omega", weight / 2
        lines = _lines_modulo(view, modulus)
        if squares and modulus in written:
            yield (
                introduction(view)
                + "\n".join(_residues_of_square(*square, modulus, alone=len(squares) == 1) for square in squares)
                + "\nomega",
                weight,
            )
        if lines and math.prod(modulus for _ in lines) <= 600:
            yield introduction(view) + "\n".join(lines) + "\nomega", weight / 2


def _lines_modulo(view: GoalView, modulus: int) -> list[str]:
    """Return lines that state and prove the residues of the goal's powers and products."""
    lines = [residues_of_power(power, modulus) for power in powers_of_variables(view.terms)[:4]]
    for product in distinct(_products(view.terms))[:2] if modulus <= 9 else []:
        with suppress(ValueError):
            lines.append(_residues_of_product(product, modulus))
    return lines


def introduction(view: GoalView) -> str:
    """Return the step from `¬ p` or `a ≠ b` to a contradiction; empty for other targets."""
    match view.target:
        case Term("≠" | "¬"):
            return "intro hne\n"
        case _:
            return ""


def _products(terms: Sequence[Term]) -> Iterator[Term]:
    """Products of two terms with variables, at most two in both."""
    for part in subterms(terms):
        match part:
            case Term("*", (left, right), type="Nat" | "Int") if left.variables and right.variables:
                if len(part.variables) <= 2:
                    yield part


def _squares(terms: Sequence[Term]) -> Iterator[tuple[str, str, str]]:
    """Yield the text of each `x * x` and `x ^ 2`, with the variable and its type."""
    for part in subterms(terms):
        match part:
            case Term("*", (Term(variable=True, head=x), Term(variable=True, head=y)), type="Nat" | "Int" as kind) if (
                x == y
            ):
                yield f"{x} * {x}", x, kind
            case Term("^", (Term(variable=True, head=x), Term(number=2)), type="Nat" | "Int" as kind):
                yield f"{x} ^ 2", x, kind


def _residues_of_square(square: str, name: str, kind: str, modulus: int, *, alone: bool) -> str:
    """Return a line that states the residues that squares have: few, so that several squares stay few cases.

    A square that is alone has them together with those of its root.
    """
    found = dict.fromkeys((r if alone else 0, r * r % modulus) for r in range(modulus))
    cases = " ∨ ".join(
        f"({name} % {modulus} = {root} ∧ {square} % {modulus} = {r})" if alone else f"{square} % {modulus} = {r}"
        for root, r in sorted(found)
    )
    return f"have : {cases} := by {_residue_by_residue(name, kind, modulus)}"


def _modular_rules(kind: str) -> str:
    if kind == "Nat":
        return "Nat.pow_succ, Nat.add_mod, Nat.mul_mod, Nat.dvd_iff_mod_eq_zero"
    return "Int.pow_succ, Int.add_emod, Int.sub_emod, Int.mul_emod, Int.dvd_iff_emod_eq_zero"


def residues_of_power(power: VariablePower, modulus: int) -> str:
    """Return a line that states and proves the residues of `x` and `x ^ k` together."""
    name, exponent, kind = power
    cases = " ∨ ".join(
        f"({name} % {modulus} = {r} ∧ {name} ^ {exponent} % {modulus} = {r**exponent % modulus})"
        for r in range(modulus)
    )
    return f"have : {cases} := by {_residue_by_residue(name, kind, modulus)}"


def _residue_by_residue(name: str, kind: str, modulus: int) -> str:
    """Return a tactic that computes powers and products for every residue of a variable."""
    values, pattern = every_residue(name, modulus)
    rules = "Nat.pow_succ, Nat.mul_mod" if kind == "Nat" else "Int.pow_succ, Int.mul_emod"
    return f"rcases (by omega : {values}) with {pattern} <;> simp [{rules}, hr]"


def every_residue(term: str, modulus: int, hypothesis: str = "hr") -> tuple[str, str]:
    """Return what `omega` knows of remainders, and the pattern that takes it apart."""
    return " ∨ ".join(f"{term} % {modulus} = {r}" for r in range(modulus)), "|".join([hypothesis] * modulus)


def _residues_of_product(term: Term, modulus: int) -> str:
    left, right = show(term.args[0]), show(term.args[1])
    cases = " ∨ ".join(
        f"({left} % {modulus} = {r} ∧ {right} % {modulus} = {s} ∧ {left} * {right} % {modulus} = {r * s % modulus})"
        for r in range(modulus) for s in range(modulus)
    )  # fmt: skip
    values, by_left = every_residue(left, modulus)
    others, by_right = every_residue(right, modulus, "hs")
    lemma = "Nat.mul_mod" if term.type == "Nat" else "Int.mul_emod"
    return (
        f"have : {cases} := by rcases (by omega : {values}) with {by_left} <;> "
        f"rcases (by omega : {others}) with {by_right} <;> simp [{lemma}, hr, hs]"
    )
