"""Goals of a search that are false for small values are found out; true ones, and what cannot be tested, are not."""

from __future__ import annotations

import math

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Advanced
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.refutation.goals import EFFORT, GoalRefuter

pytestmark = pytest.mark.lean

FALSE = {
    "a lost hypothesis": ("theorem t (n : Nat) (h : 2 < n) : 3 ≤ n", "clear h", "n = 0"),
    "False, from nothing": ("theorem t (a b : Nat) : a - b + b = a", "exfalso", "a = 0, b = 0"),
    "False, from hypotheses that hold": ("theorem t (n : Nat) (h : n = 4) : n * n = 16", "exfalso", "n = 4"),
    "the second goal": ("theorem t (n : Nat) : n < 1", "cases n", "n = 0"),
    "variables without names": ("theorem t : ∀ n m : Nat, n = m", "intros", "n = 0, m = 1"),
    "lists": ("theorem t (xs ys : List Nat) : (xs ++ ys).length = ys.length", "skip", "xs = [0], ys = []"),
    "a type of one's own": ("inductive C | red | blue deriving DecidableEq\ntheorem t (c d : C) : c = d", "skip", None),
    "a type variable": ("theorem t {α : Type} [DecidableEq α] (a b : α) : a = b", "skip", None),
}
OTHERS = {
    "true": ("theorem t (a b : Nat) : a + b = b + a", "skip"),
    "False, from hypotheses that contradict each other": ("theorem t (n : Nat) (h : n < 0) : n = 3", "exfalso"),
    "an unknown": ("theorem t : ∃ n : Nat, n = 3 ∧ n ≠ 0", "refine ⟨?w, ?h, ?k⟩"),
    "a definition in the context": ("theorem t (n : Nat) : n = n", "let m := n + 1"),
}


@pytest.mark.parametrize("what", FALSE)
async def test_false_goal_is_found_out(lean: LeanWasmEnvironment, what: str) -> None:
    statement, tactic, values = FALSE[what]
    found, effort = await answer_to(lean, statement, tactic)
    assert found is not None
    assert values is None or found == values
    assert 0 < effort <= 3 * EFFORT


@pytest.mark.parametrize("what", OTHERS)
async def test_other_goals_are_not(lean: LeanWasmEnvironment, what: str) -> None:
    found, effort = await answer_to(lean, *OTHERS[what])
    assert found is None
    assert effort <= 3 * EFFORT


async def answer_to(lean: LeanWasmEnvironment, statement: str, tactic: str) -> tuple[str | None, float]:
    """Return what the test says of the state that a tactic leads to."""
    async with lean.open(Theorem.from_text(statement)) as session:
        (outcome,) = await session.apply(session.initial, [tactic], timeout_s=300)
        assert isinstance(outcome, Advanced)
        refuter = GoalRefuter()
        answer = await refuter(session, outcome.state, effort_left=math.inf)
        again = await refuter(session, outcome.state, effort_left=math.inf)
        assert (again.counterexample, again.effort) == (answer.counterexample, 0.0)
        return answer.counterexample, answer.effort


async def test_search_takes_the_way_that_is_not_false(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t (n : Nat) (h : 2 < n) : 3 ≤ n")
    policy = ScriptedPolicy(["clear h", "skip", "exact Nat.succ_le_of_lt (by assumption)"])
    budget = SearchBudget(expansions=20)
    plain, testing = [
        await prove_theorem(theorem, environment=lean, generator=policy, budget=budget, test_goals=test_goals)
        for test_goals in (False, True)
    ]
    assert plain.proved
    assert testing.proved
    assert testing.search.statistics.effort >= plain.search.statistics.effort
