"""The principle of Archimedes: a natural number beyond any rational one, `∃ n : Nat, x < n`, and `1 / n → 0`.

The number is the next one after the integral part. Beyond the inverse of a positive number it makes fractions small:
a fraction `1 / (n + 1)` is less than ε where `1 < (n + 1) * ε`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted, distinct, put
from prover.policies.texts import accessible, written

MOST_NUMBERS = 2
RELATIONS = {"<", "≤"}


def beyond(view: GoalView) -> Iterator[Weighted]:
    """A natural number beyond a rational one of the goal, as the witness."""
    match view.target:
        case Term("∃", (Term("Nat"), body), name=n):
            if not any(part.head == "↑" and part.type == "Rat" for part in body):
                return
            taken = [*view.variables, *(fact.name for fact in view.facts), n]
            m, large = fresh("m", taken), fresh("large", taken)
            numbers = _numbers(view, body, n)
            yield from (("\n".join([*_larger(x, m, large), f"exact ⟨{m}, by grind⟩"]), 0.12) for x in numbers)
            for margin in _margins(view):
                others = [f"{x} * {margin}⁻¹" for x in numbers if margin not in x]
                for number in (f"{margin}⁻¹", *others):
                    lines = [*_larger(number, m, large), *_beyond_margin(margin, m, large)]
                    yield "\n".join([*lines, *_small(view, body, m, margin)]), 0.12


def _numbers(view: GoalView, body: Term, n: str) -> list[str]:
    """Return what the goal compares with numbers: sides of its inequalities, as far as n does not occur in them."""
    found = []
    for part in body:
        if part.head in RELATIONS and part.type == "Rat":
            for side in part.args:
                if side.variables and n not in side.variables:
                    with suppress(ValueError):  # of a bound variable
                        found.append(written(view, side))
    return list(dict.fromkeys(found))[:MOST_NUMBERS]


def _margins(view: GoalView) -> list[str]:
    """Return the positive rational numbers in scope."""
    found = []
    for fact in view.facts:
        match fact.term:
            case Term("<", (Term(number=0), Term(variable=True, head=name)), type="Rat") if accessible(name):
                found.append(name)
    return found[-MOST_NUMBERS:]


def _larger(number: str, m: str, large: str) -> list[str]:
    """Return the lines that find a natural number m beyond a rational one."""
    return [
        f"obtain ⟨{m}, {large}⟩ : ∃ m : Nat, {number} < m := by",
        f"  refine ⟨(Rat.floor ({number}) + 1).toNat, ?_⟩",
        f"  have next := Rat.lt_floor_add_one ({number})",
        f"  have natural := Rat.intCast_le_intCast.2 (Int.self_le_toNat (Rat.floor ({number}) + 1))",
        "  rw [Rat.intCast_natCast] at natural",
        "  grind",
    ]


def _beyond_margin(margin: str, m: str, large: str) -> list[str]:
    """Return the lines that multiply by a positive number."""
    return [
        f"have positive : 0 < {margin}⁻¹ := Rat.inv_pos.2 (by grind)",
        f"have product := Rat.mul_lt_mul_of_pos_right {large} (by grind : 0 < {margin})",
        f"have unit : {margin}⁻¹ * {margin} = 1 := Rat.inv_mul_cancel {margin} (by grind)",
        "try rw [Rat.mul_assoc] at product",
        "rw [unit] at product",
        f"have natural : (0 : Rat) ≤ {m} := Rat.natCast_nonneg",
    ]


def _small(view: GoalView, body: Term, m: str, margin: str) -> Iterator[str]:
    """Yield the lines that close the goal: fractions are below the margin, at m or from there on."""
    k = m
    match body:
        case Term("∀", (Term("Nat"), Term("→", (Term("≤" | "<"), _))), name=name):
            k = name
            yield f"refine ⟨{m}, fun {k} hk => ?_⟩"
            yield f"have later : ({m} : Rat) ≤ {k} := Rat.natCast_le_natCast.2 (by omega)"
            yield f"have := Rat.mul_le_mul_of_nonneg_right later (by grind : 0 ≤ {margin})"
        case _:
            yield f"refine ⟨{m}, ?_⟩"
    for part in distinct(part for part in body if part.head == "/" and part.type == "Rat"):
        with suppress(ValueError):
            above, below = (_at(view, side, k) for side in part.args)
            yield f"have below : (0 : Rat) < {below} := by grind"
            yield "have inverse := Rat.inv_pos.2 below"
            yield f"try have := (Rat.div_lt_iff below).2 (by grind : {above} < {margin} * {below})"
    yield "grind"


def _at(view: GoalView, term: Term, k: str) -> str:
    """Return the text of a term in which the one bound variable is k."""
    bound = sorted(term.variables - set(view.variables))
    if len(bound) > 1:
        raise ValueError("there are several bound variables")
    inside = replace(view, variables={**view.variables, k: Term("Nat")})
    return written(inside, put(term, bound[0], Term(k, variable=True)) if bound else term)
