"""Proofs in answers of every form that models give, and that Lean accepts what is read out of them."""

from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.prompts.lean_code import proof_in_answer, proof_in_completion
from prover.policies.llm.prompts.prompt import Query

STATEMENT = "theorem sum_pos (a b : Nat) (h : 0 < a) : 0 < a + b"
COLUMN = len(f"{STATEMENT} := by ")
QUERY = Query(state="", theorem=f"{STATEMENT} := by")

ANSWERS = {
    "term": f"```lean4\n{STATEMENT} := Nat.add_pos_left h b\n```",
    "term on the next line": f"```lean\n{STATEMENT} :=\n  Nat.add_pos_left h b\n```",
    "term of several lines": f"```lean4\n{STATEMENT} :=\n  have h2 : 0 < a := h\n  Nat.add_pos_left h2 b\n```",
    "term with tactics in it": f"```lean4\n{STATEMENT} := Nat.lt_of_lt_of_le h (by\n  omega)\n```",
    "tactics": f"```lean4\n{STATEMENT} := by\n  omega\n```",
    "tactics on the line of by": f"```lean4\n{STATEMENT} := by have h2 := h\n{' ' * COLUMN}omega\n```",
    "plain fence": f"The proof:\n\n```\n{STATEMENT} := by\n  omega\n```\nThat is all.",
    "unclosed fence": f"```lean4\n{STATEMENT} := by\n  omega\n",
    "unclosed plain fence": f"Thus:\n```\n{STATEMENT} := by\n  omega",
    "by first": "```lean4\nby\n  have h2 := h\n  omega\n```",
    "by on the line": "```lean4\nby omega\n```",
    ":= by first": "```lean4\n:= by\n  omega\n```",
    "tactics alone": "```lean\nhave h2 := h\nomega\n```",
    "no fence": f"We use omega.\n\n{STATEMENT} := by\n  omega\n\nThis closes the goal.",
    "statement in another layout": "```lean4\ntheorem sum_pos\n    (a b : Nat)  (h : 0 < a) :\n    0 < a + b :="
    "\nby\n  omega\n```",
    "statement with other words": "```lean4\nlemma sum_pos {a b : Nat} (h : a > 0) : a + b > 0 := by\n  omega\n```",
    "another name": "```lean4\nexample (a b : Nat) (h : 0 < a) : 0 < a + b := by omega\n```",
    "header repeated": f"```lean4\nimport Mathlib\nopen Nat\n\n/-- words := by -/\n{STATEMENT} := by\n  omega\n```",
    "thoughts": f"<think>\n```lean4\n{STATEMENT} := by\n  simp\n```\nNo.</think>\n"
    f"```lean4\n{STATEMENT} := by\n  omega\n```",
    "thoughts without a beginning": f"Hm, `rfl`?</think>{STATEMENT} := by\n  omega",
    "the last of several": f"```lean4\n{STATEMENT} := by\n  simp\n```\nNo:\n```lean4\n{STATEMENT} := by\n  omega\n```",
    "an example behind it": f"```lean4\n{STATEMENT} := by\n  omega\n```\nUse:\n```lean4\n#check sum_pos\n```",
    "a plan in front of it": f"```lean4\n{STATEMENT} := by\n  sorry\n```\n```lean4\n{STATEMENT} := by\n  omega\n```",
    "output behind it": f"```lean4\n{STATEMENT} := by\n  omega\n```\n```text\nno errors\n```",
    "lemma in front": "```lean4\ntheorem le_sum (n m : Nat) : n ≤ n + m := by\n  exact Nat.le_add_right n m\n\n"
    f"{STATEMENT} := by\n  exact Nat.lt_of_lt_of_le h (le_sum a b)\n```",
    "lemma by a term": "```lean4\nlemma le_sum {n m : Nat} : n ≤ n + m := Nat.le_add_right n m\n\n"
    f"{STATEMENT} := by\n  exact Nat.lt_of_lt_of_le h le_sum\n```",
    "lemmas that build on each other": "```lean4\n@[simp] private lemma one (n : Nat) : n ≤ n := Nat.le_refl n\n\n"
    "theorem two (n m : Nat) :\n    n ≤ n + m := by\n  have := one n\n  omega\n\n"
    "theorem unused : False := by\n  simp\n\n"
    f"{STATEMENT} := by\n  exact Nat.lt_of_lt_of_le h (two a b)\n```",
    "lemma with a dotted name": "```lean4\ntheorem Nat.le_sum' (n m : Nat) : n ≤ n + m := Nat.le_add_right n m\n\n"
    f"{STATEMENT} := Nat.lt_of_lt_of_le h (Nat.le_sum' a b)\n```",
    "lemma whose name a variable has": "```lean4\ntheorem h (n : Nat) : n ≤ n := Nat.le_refl n\n\n"
    "theorem le_sum (n m : Nat) : n ≤ n + m := Nat.le_trans (h n) (Nat.le_add_right n m)\n\n"
    f"{STATEMENT} := by\n  exact Nat.lt_of_lt_of_le h (le_sum a b)\n```",
    "lemma in a block of its own": "First:\n```lean4\nlemma le_sum (n m : Nat) : n ≤ n + m := by\n  omega\n```\nNow:\n"
    f"```lean4\n{STATEMENT} := by\n  exact Nat.lt_of_lt_of_le h (le_sum a b)\n```",
    "carriage returns": f"```lean4\r\n{STATEMENT} := by\r\n  omega\r\n```\r\n",
}  # fmt: skip


@pytest.mark.parametrize("form", ANSWERS)
async def test_proof_is_read_and_accepted(lean: LeanWasmEnvironment, form: str) -> None:
    proof = proof_in_answer(ANSWERS[form], QUERY)
    assert proof is not None
    assert proof_in_completion(ANSWERS[form], QUERY) == proof
    verification = await lean.check(Theorem.from_text(STATEMENT), [proof], timeout_s=120)
    assert verification.accepted, (proof, verification.reason)


async def test_equations_become_a_function(lean: LeanWasmEnvironment) -> None:
    statement = "theorem cases : ∀ n : Nat, n = 0 ∨ 0 < n"
    answer = f"```lean4\n{statement}\n  | 0 => Or.inl rfl\n  | n + 1 => Or.inr (by omega)\n```"
    proof = proof_in_answer(answer, Query(state="", theorem=f"{statement} := by"))
    assert proof is not None
    assert (await lean.check(Theorem.from_text(statement), [proof], timeout_s=120)).accepted


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I do not know how to prove this.",
        "The tactic `omega` may help.",
        "```lean4\n```",
        f"```lean4\n{STATEMENT}\n```",
        f"```lean4\n{STATEMENT} := by\n  sorry\n```",
        f"```lean4\n{STATEMENT} := sorry\n```",
        f"<think>```lean4\n{STATEMENT} := by\n  omega\n```</think>\n```lean4\n{STATEMENT} := by\n  sorry\n```",
    ],
)
def test_answer_without_a_proof_has_none(answer: str) -> None:
    assert proof_in_answer(answer, QUERY) is None


def test_a_completion_may_be_the_proof_itself() -> None:
    assert proof_in_completion("  intro x\n  omega\n", QUERY) == "intro x\nomega"
    assert proof_in_completion("<think>hm</think>\nomega", QUERY) == "omega"


def test_absolute_values_are_no_equations() -> None:
    query = Query(state="", theorem="theorem t (x : Int) :\n    |x| ≤ 1 := by")
    assert proof_in_answer("```lean4\ntheorem t (y : Int) :\n    |y| ≤ 1 := by\n  simp\n```", query) == "simp"


def test_a_let_in_the_statement_does_not_begin_the_proof() -> None:
    query = Query(state="", theorem="theorem t : let x := 1; x = 1 := by")
    assert proof_in_answer("```lean4\ntheorem t : let y := 1; y = 1 := rfl\n```", query) == "exact rfl"


@pytest.mark.parametrize(
    "unit", ["```\n", "lemma a : p := b\n", "theorem a\n", "  | x => y\n", "let x := ", "a := b\n"]
)
def test_long_answers_are_read_in_linear_time(unit: str) -> None:  # otherwise this would take hours
    proof_in_completion(f"```lean4\n{STATEMENT}{unit * (500_000 // len(unit))}", QUERY)
