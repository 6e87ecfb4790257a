"""Mathlib's tactics that suit the shape of a goal: printed text in, tactics with weights out, and nothing else.

The weights are guesses; there was no Mathlib to measure them with. That automation comes first is owed to the
published proofs of the Llemma models on miniF2F, most of which are a single tactic.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from prover.policies.automation.mathlib_goals import (
    INTEGER,
    NATURAL,
    NUMBERS,
    ORDERS,
    REAL,
    RELATIONS,
    MathlibGoal,
)
from prover.policies.automation.mathlib_sets import library_steps
from prover.policies.automation.mathlib_structure import structure_steps

QUICK, SLOW, SEARCHING = 5.0, 15.0, 30.0
"""Units of effort: for what simplifies or decides, for what multiplies hypotheses, for what searches the library."""
_SLOW = ("nlinarith", "polyrith", "aesop", "interval_cases", "fin_cases", "grind", "decide")
_SEARCHING = ("exact?", "apply?", "rw?", "aesop?", "hint")
MOST_VARIABLES, MOST_FACTS = 3, 4
ANYWHERE = (
    ("norm_num", 0.20),
    ("simp", 0.10),
    ("aesop", 0.06),
    ("simp_all", 0.05),
    ("norm_num at *", 0.04),
    ("norm_num [*] at *", 0.015),
    ("grind", 0.05),
    ("subst_vars <;> norm_num", 0.01),
    ("exact?", 0.02),
    ("simp?", 0.002),
    ("aesop?", 0.002),
)
"""Lines such as `exact?` stand in a proof as what they suggest."""


@dataclass(frozen=True, slots=True)
class MathlibStep:
    """A tactic, its weight (at most 1), and the effort that is worth spending on it."""

    tactic: str
    weight: float
    effort: float


def mathlib_steps(text: str) -> list[MathlibStep]:
    """Return tactics for a printed goal, the likeliest first; without a target, only those that suit any goal."""
    best: dict[str, float] = dict(ANYWHERE)
    goal = MathlibGoal.read(text)
    if goal is not None:
        for family in (_arithmetic, _products, _linear_combinations, _casts, _cases, structure_steps, library_steps):
            for tactic, weight in family(goal):
                best[tactic] = max(weight, best.get(tactic, 0.0))
    found = [MathlibStep(tactic, weight, _effort(tactic)) for tactic, weight in best.items()]
    return sorted(found, key=lambda step: -step.weight)


def _effort(tactic: str) -> float:
    if any(word in tactic for word in _SEARCHING):
        return SEARCHING
    return SLOW if any(word in tactic for word in _SLOW) else QUICK


def _arithmetic(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Equations and inequalities between numbers."""
    if not goal.numeric:
        return
    if goal.head in RELATIONS | {"Not", "False"} or goal.facts(ORDERS):
        yield "linarith", 0.18
        yield "norm_num <;> linarith", 0.04
        yield "norm_num at * <;> linarith", 0.03
        yield "simp_all <;> linarith", 0.015
    if goal.variables(NATURAL | INTEGER) or any(sign in goal.target for sign in ("∣", "%")):
        yield "omega", 0.17
        yield "subst_vars <;> omega", 0.01
    if not goal.variables(NUMBERS) and goal.head in RELATIONS | {"Not", "And", "Exists", "Dvd.dvd"}:
        yield "decide", 0.10
        yield "rfl", 0.06
    if goal.head in {"Eq", "HAdd.hAdd"}:
        yield "ring", 0.15
        yield "ring_nf", 0.03
        yield "ring_nf at *", 0.015
        yield "simp_all <;> ring_nf", 0.01
    if "/" in goal.text or "⁻¹" in goal.text:
        yield "field_simp", 0.08
        yield "field_simp <;> ring", 0.08
        yield "field_simp at * <;> linarith", 0.02
        yield "field_simp at * <;> nlinarith", 0.015
        if goal.head in ORDERS:
            yield "rw [div_le_div_iff₀ (by positivity) (by positivity)] <;> nlinarith", 0.015
            yield "rw [div_le_iff₀ (by positivity)] <;> nlinarith", 0.015
            yield "rw [le_div_iff₀ (by positivity)] <;> nlinarith", 0.015
    if goal.head in ORDERS | {"Ne"}:
        signed = goal.target.startswith(("0 <", "0 ≤")) or goal.target.endswith(("≠ 0", "> 0", "≥ 0"))
        yield "positivity", 0.20 if signed else 0.02
    if goal.head in ORDERS:
        yield "gcongr", 0.05
        yield "bound", 0.04
        yield "nlinarith", 0.10
        yield "norm_num <;> nlinarith", 0.01
    if "|" in goal.target and goal.head in ORDERS:
        yield "rw [abs_le] <;> constructor <;> linarith", 0.03
        yield "rw [abs_lt] <;> constructor <;> linarith", 0.03


def _products(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Products of facts, and squares, for `nlinarith`: what a proof of an inequality most often multiplies."""
    numbers = goal.variables(NUMBERS - {"ℂ", "Complex"})[:MOST_VARIABLES]
    if goal.head not in RELATIONS | {"False"} or not numbers:
        return
    squares = [f"sq_nonneg {name}" for name in numbers]
    pairs = [f"sq_nonneg ({a} - {b})" for a, b in itertools.combinations(numbers, 2)]
    sums = [f"sq_nonneg ({a} + {b})" for a, b in itertools.combinations(numbers, 2)]
    facts = [f"mul_pos {a} {b}" for a, b in itertools.combinations(goal.positive[:MOST_FACTS], 2)]
    facts += [f"mul_nonneg {a} {b}" for a, b in itertools.combinations(goal.nonnegative[:MOST_FACTS], 2)]
    for hints, weight in (
        (pairs or squares, 0.06),
        (squares + pairs + sums, 0.02),
        (facts, 0.05),
        ([*facts, *(pairs or squares)], 0.04) if facts else ([], 0.0),
        ([f"sq_nonneg ({name} - 1)" for name in numbers], 0.02),
        ([f"pow_pos {name} 2" for name in goal.positive if " " not in name], 0.01),
    ):
        if hints:
            yield f"nlinarith [{', '.join(hints)}]", weight


def _linear_combinations(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """An equation as the sum or difference of given ones."""
    equations = [name for name, type_ in goal.hypotheses if goal.heads[name] == "Eq" and "↦" not in type_]
    if goal.head != "Eq" or not goal.numeric:
        return
    for name in equations[:MOST_FACTS]:
        yield f"linear_combination {name}", 0.04
        yield f"linear_combination -{name}", 0.008
    for a, b in itertools.permutations(equations[:3], 2):
        yield f"linear_combination {a} - {b}", 0.012
        if a < b:
            yield f"linear_combination {a} + {b}", 0.015
    if equations:
        yield "nlinarith", 0.03


def _casts(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Coercions between the kinds of numbers."""
    if "↑" not in goal.text:
        return
    yield from (
        ("norm_cast", 0.05),
        ("push_cast", 0.02),
        ("push_cast <;> ring", 0.05),
        ("exact_mod_cast (by omega)", 0.02),
        ("push_cast at * <;> linarith", 0.02),
        ("norm_cast at * <;> omega", 0.02),
        ("zify at * <;> nlinarith", 0.005),
    )
    for name in goal.facts(RELATIONS)[:MOST_FACTS]:
        yield f"exact_mod_cast {name}", 0.02


def _cases(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Few values, one after the other."""
    for name in goal.bounded[:MOST_VARIABLES]:
        yield f"interval_cases {name} <;> omega", 0.06
        yield f"interval_cases {name} <;> simp_all", 0.06
        yield f"interval_cases {name} <;> norm_num at *", 0.03
    for name in goal.finite[:MOST_VARIABLES]:
        yield f"fin_cases {name} <;> simp_all", 0.06
        yield f"fin_cases {name} <;> decide", 0.03
        yield f"fin_cases {name} <;> rfl", 0.02
    if goal.variables(REAL) and "|" in goal.text:
        yield "cases abs_cases _ <;> linarith", 0.004
