"""Which of Mathlib's tactics the shape of a goal brings; that they prove anything only a Lean with Mathlib can show."""

from __future__ import annotations

import pytest

from prover.environments.syntax.lean.screening import proof_problem
from prover.policies.automation.mathlib_goals import MathlibGoal
from prover.policies.automation.mathlib_steps import QUICK, mathlib_steps

SHAPES = {
    "order": ("a b : ℝ\nha : 0 < a\nhb : 0 < b\n⊢ 0 < a * b + a ^ 2", ["positivity", "nlinarith [mul_pos ha hb]"]),
    "squares": ("x y : ℝ\n⊢ 2 * x * y ≤ x ^ 2 + y ^ 2", ["nlinarith [sq_nonneg (x - y)]", "gcongr", "bound"]),
    "differences": ("x y z : ℝ\nh : x < y\nk : y < z\n⊢ x * z < y * z", [
        "nlinarith [mul_pos (sub_pos.mpr h) (sub_pos.mpr k)]"]),
    "equation": ("x y : ℝ\nh₁ : x + y = 3\nh₂ : x - y = 1\n⊢ 2 * x = 4", [
        "linear_combination h₁ + h₂", "linarith", "ring"]),
    "fraction": ("x : ℝ\nh : x ≠ 0\n⊢ x / x = 1", ["field_simp", "field_simp <;> ring"]),
    "cast": ("n : ℕ\nh : (↑n : ℝ) = 2\n⊢ n = 2", ["exact_mod_cast h", "norm_cast", "push_cast"]),
    "natural": ("n : ℕ\nh : n % 4 = 3\n⊢ n % 2 = 1", ["omega", "norm_num [Nat.add_mod, Nat.mul_mod, Nat.pow_mod]"]),
    "closed": ("⊢ 17 % 5 = 2", ["decide", "norm_num"]),
    "bounds": ("n : ℕ\nh : n < 7\n⊢ n ^ 2 % 8 ≠ 3", ["interval_cases n <;> omega"]),
    "both bounds": ("n : ℤ\nh : -2 ≤ n ∧ n ≤ 2\n⊢ n ^ 2 ≤ 4", ["interval_cases n <;> omega"]),
    "finite": ("i : Fin 3\n⊢ f i = 0", ["fin_cases i <;> simp_all"]),
    "member": ("s : ℕ\nhs : s ∈ {1, 2, 3}\n⊢ s ≤ 3", ["fin_cases hs <;> simp_all"]),
    "sum": ("n : ℕ\n⊢ ∑ i ∈ Finset.range n, i = n * (n - 1) / 2", [
        "simp [Finset.sum_range_succ]",
        "induction n <;> simp_all [Finset.sum_range_succ, Finset.prod_range_succ, pow_succ, Nat.factorial_succ] <;> "
        "omega"]),
    "logic": ("p q : Prop\nh : p ∨ q\n⊢ q ∨ p", ["tauto", "rcases h with h1 | h2"]),
    "sets": ("α : Type\ns t : Set α\n⊢ s ∩ t = t ∩ s", ["ext x", "ext x <;> simp <;> tauto"]),
    "witness": ("x : ℕ\nh : ∃ y > 0, x = 2 * y ∧ y < 5\n⊢ x < 10", ["obtain ⟨y, h1, h2, h3⟩ := h"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_shape_brings_its_tactics(name: str) -> None:
    text, wanted = SHAPES[name]
    found = [step.tactic for step in mathlib_steps(text)]
    assert [tactic for tactic in wanted if tactic not in found] == []


@pytest.mark.parametrize("name", SHAPES)
def test_every_tactic_is_shown_to_lean_and_named_once_with_a_weight(name: str) -> None:
    steps = mathlib_steps(SHAPES[name][0])
    assert [step.tactic for step in steps if proof_problem(step.tactic)] == []
    assert len({step.tactic for step in steps}) == len(steps)
    assert all(0 < step.weight <= 1 for step in steps)
    assert [step.weight for step in steps] == sorted((step.weight for step in steps), reverse=True)


def test_one_bound_is_not_enough_for_an_integer() -> None:
    goal = MathlibGoal.read("n : ℤ\nm n' : ℕ\nh : n ≤ 2\nk : n' < 3\nl : 3 ≤ m\n⊢ n ≤ 4")
    assert goal is not None
    assert goal.bounded == ["n'"]


def test_patterns_keep_names_apart_and_nest() -> None:
    text = "h1 x : ℕ\nh : (x = 1 ∨ ∃ x, x = 2 ∧ 0 < x) ∧ (x = 3 ∨ x = 4)\n⊢ x = 5"
    assert "rcases h with ⟨h2 | ⟨h3, h4, h5⟩, h6 | h7⟩" in [step.tactic for step in mathlib_steps(text)]


def test_searches_of_the_library_may_take_longest() -> None:
    efforts = {step.tactic: step.effort for step in mathlib_steps("x : ℝ\n⊢ 0 ≤ x ^ 2")}
    assert efforts["exact?"] > efforts["nlinarith [sq_nonneg x]"] > efforts["positivity"] == QUICK


def test_goal_without_a_target_gets_what_suits_any_goal() -> None:
    assert {"norm_num", "aesop", "exact?"} <= {step.tactic for step in mathlib_steps("")}
    assert not any("linarith" in step.tactic for step in mathlib_steps("case h\nx : ℝ"))
