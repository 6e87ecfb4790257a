"""Lemmas that go with a notion of Mathlib: what `simp`, `norm_num` or `rw` is to be given where a goal mentions it."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.automation.mathlib_goals import REAL, MathlibGoal

LEMMAS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("∑",), ("Finset.sum_range_succ",), ("simp", "norm_num", "rw")),
    (("∏",), ("Finset.prod_range_succ",), ("simp", "norm_num", "rw")),
    (("∑", "∏"), ("Finset.sum_range_succ", "Finset.prod_range_succ", "Finset.sum_Icc_succ_top"), ("norm_num",)),
    (("!", "factorial"), ("Nat.factorial",), ("simp", "norm_num", "decide")),
    (("choose",), ("Nat.choose",), ("simp", "norm_num", "decide")),
    (("Nat.gcd", ".gcd", "Coprime"), ("Nat.Coprime",), ("simp", "norm_num", "decide")),
    (("≡", "ModEq"), ("Nat.ModEq", "Int.ModEq"), ("simp", "norm_num", "omega")),
    (("%",), ("Nat.add_mod", "Nat.mul_mod", "Nat.pow_mod"), ("simp", "norm_num")),
    (("∣",), ("Nat.dvd_iff_mod_eq_zero", "Int.dvd_iff_emod_eq_zero"), ("norm_num", "simp")),
    (("Prime",), ("Nat.prime_def_lt",), ("norm_num", "decide")),
    (("√", "sqrt"), ("Real.sq_sqrt", "Real.sqrt_nonneg"), ("norm_num", "simp")),
    (("√", "sqrt"), ("Real.sqrt_eq_iff",), ("norm_num", "rw")),
    (("log",), ("Real.log_mul", "Real.log_pow", "Real.log_div"), ("norm_num", "simp", "field_simp")),
    (("exp",), ("Real.exp_add", "Real.exp_sub", "Real.exp_neg"), ("simp", "rw")),
    (("sin", "cos"), ("Real.sin_sq_add_cos_sq", "Real.cos_sq'"), ("simp",)),
    (("sin", "cos", "tan"), ("Real.sin_two_mul", "Real.cos_two_mul", "Real.tan_eq_sin_div_cos"), ("simp", "norm_num")),
    (("Complex", "ℂ"), ("Complex.ext_iff",), ("simp", "norm_num")),
    (("|", "abs"), ("abs_le", "abs_lt", "abs_of_nonneg"), ("simp", "norm_num")),
    (("max", "min"), ("max_def", "min_def"), ("simp",)),
    (("⌊", "⌈"), ("Int.floor_eq_iff", "Int.ceil_eq_iff", "Nat.floor_eq_iff"), ("norm_num", "simp")),
    (("Matrix", "!!["), ("Matrix.det_fin_two", "Matrix.mul_apply", "Fin.sum_univ_succ"), ("simp", "norm_num")),
    (("Injective",), ("Function.Injective",), ("simp", "unfold")),
    (("Surjective",), ("Function.Surjective",), ("simp", "unfold")),
    (("Set.", "∪", "∩"), ("Set.ext_iff", "Set.subset_def"), ("simp",)),
    (("Tendsto",), ("Metric.tendsto_atTop",), ("rw", "simp")),
    (("Continuous",), (), ("continuity", "fun_prop")),
    (("Measurable",), (), ("measurability", "fun_prop")),
    (("Differentiable", "HasDerivAt", "ContDiff"), (), ("fun_prop", "simp")),
    (("deriv",), ("deriv_add", "deriv_mul", "deriv_pow"), ("simp",)),
    (("∫",), ("integral_pow",), ("simp", "norm_num")),
    (("Group", "ℍ", "⁻¹"), (), ("group", "abel")),
    (("Ring", "Module", "•"), (), ("noncomm_ring", "module", "abel")),
    (("Category",), (), ("aesop_cat",)),
)
"""Signs of a notion, the lemmas, and the tactics that take them (without lemmas: tactics that need none)."""
FIRST, LATER = 0.03, 0.015


def library_steps(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Yield tactics with the lemmas of every notion that the goal mentions."""
    for signs, lemmas, tactics in LEMMAS:
        if not any(sign in goal.target for sign in signs):
            continue
        for number, tactic in enumerate(tactics):
            yield _with(tactic, lemmas), FIRST if number == 0 else LATER
    if "sin" in goal.target or "cos" in goal.target:
        for name in goal.variables(REAL)[:2]:
            known = f"Real.sin_sq_add_cos_sq {name}, Real.sin_le_one {name}, Real.cos_le_one {name}"
            yield f"nlinarith [{known}]", FIRST


def _with(tactic: str, lemmas: tuple[str, ...]) -> str:
    """Return the tactic as it takes lemmas."""
    listed = ", ".join(lemmas)
    match tactic:
        case "simp" | "norm_num" | "field_simp" if lemmas:
            return f"{tactic} [{listed}]"
        case "rw" if len(lemmas) > 1:
            return f"simp only [{listed}]"
        case "rw":
            return f"rw [{listed}]"
        case "unfold":
            return f"unfold {' '.join(lemmas)}"
        case _:
            return tactic
