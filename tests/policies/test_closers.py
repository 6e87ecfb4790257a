from __future__ import annotations

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Goal, Hypothesis, ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import AUTOMATION, ClosersPolicy
from prover.proving.prove import prove_theorem


async def proposed(goal: Goal) -> list[str]:
    (proposal,) = await ClosersPolicy().propose([ProofState((goal,))], n=1000, seed=0)
    return [candidate.tactic for candidate in proposal.candidates]


@pytest.mark.parametrize(
    ("goal", "tactic"),
    [
        (Goal("", "→", term=["→", "a", ["p"], ["q"]]), "intro h"),
        (Goal("", "→", (Hypothesis("h", "Eq"),), term=["→", "a", ["p"], ["q"]]), "intro h1"),
        (Goal("", "→", term=["∀", "n", ["Nat"], ["→", "a", ["p"], ["Not", ["q"]]]]), "intro n h h1"),
        (Goal("", "And"), "constructor"),
        (Goal("", "Iff"), "constructor"),
        (Goal("", "Or"), "left"),
        (Goal("", "Exists", (Hypothesis("k", "Nat"),)), "exists k"),
        (Goal("", "Eq", (Hypothesis("h", "Or"),)), "rcases h with h | h"),
        (Goal("", "Eq", (Hypothesis("xs", "List"),)), "induction xs <;> grind"),
        (Goal("", "variable", (Hypothesis("hpq", "→"),)), "apply hpq"),
        (Goal("", "Eq", (), ("f", "A.g")), "simp [f, A.g]"),
    ],
)
async def test_shape_of_the_goal_suggests_the_step(goal: Goal, tactic: str) -> None:
    assert tactic in await proposed(goal)


async def test_automation_fits_any_goal_and_the_likeliest_comes_first() -> None:
    tactics = await proposed(Goal("", "term"))
    assert {tactic for tactic, _ in AUTOMATION} <= set(tactics)
    (proposal,) = await ClosersPolicy().propose([ProofState((Goal("", "term"),))], n=1000, seed=0)
    assert [c.logprob for c in proposal.candidates] == sorted((c.logprob for c in proposal.candidates), reverse=True)


async def test_steps_follow_the_shape_and_not_the_printed_text() -> None:
    assert await proposed(Goal("⊢ p ∧ q", "Or")) == await proposed(Goal("something else", "Or"))


@pytest.mark.parametrize(
    "statement",
    [
        "theorem t (p q r : Prop) : (p → q) → (q → r) → p → r",
        "theorem t (p q : Prop) : p ∨ q → q ∨ p",
        "theorem t : ∃ n : Nat, n + 2 = 4",
        "theorem t (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length",
        "theorem t (f : Nat → Nat) (h : ∀ n, f n = n) : f (f 3) = 3",
        "def twice (n : Nat) := n + n\ntheorem t (n : Nat) : twice n = 2 * n",
        "def double : Nat → Nat | 0 => 0 | n + 1 => double n + 2\ntheorem t (n : Nat) : double n = 2 * n",
    ],
)
async def test_small_theorems_are_proved(lean: LeanWasmEnvironment, statement: str) -> None:
    record = await prove_theorem(
        Theorem.from_text(statement), environment=lean, generator=ClosersPolicy(), budget=SearchBudget()
    )
    assert record.proved, record.search
