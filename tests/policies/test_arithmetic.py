"""Each template writes a tactic with which Lean closes a goal of its shape."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.arithmetic.templates import TEMPLATES
from prover.policies.automation.induction import induction_steps
from prover.policies.terms import GoalView

SHAPES: list[tuple[str, str]] = [
    ("finite", "theorem t (x y : Nat) (h : x * y + x + y = 34) (k : x ≤ y) (l : 1 < x) : x + y = 10"),
    ("finite", "theorem t (x y : Int) (h₀ : 0 < y) (h₁ : y < x) (h : x + y + x * y = 20) : x = 6"),
    ("finite", "theorem t (a b c : Nat) (h : a * b * c = 105) (k : 1 < a ∧ a < b ∧ b < c) : a + b + c = 15"),
    ("finite", "def f : Nat → Nat | 0 => 1 | n + 1 => (n + 1) * f n\n"
     "theorem t (n : Nat) (h : 24 ∣ f n) : 4 ≤ n"),
    ("finite", "theorem t (n : Nat) (h : n ^ 2 = 49) : n = 7"),
    ("residues", "theorem t (a : Int) : a ^ 2 % 4 = 0 ∨ a ^ 2 % 4 = 1"),
    ("residues", "theorem t (n : Nat) : 3 ∣ n ^ 3 + 2 * n"),
    ("residues", "theorem t (x y : Int) : 3 * x ^ 3 - 7 * y ≠ 2"),
    ("powers", "theorem t (n : Nat) : 4 ∣ 5 ^ n + 3"),
    ("powers", "theorem t (n : Nat) (h : 0 < n) : 2 ^ (4 * n) % 10 = 6"),
    ("powers", "theorem t (n : Nat) : ¬ 7 ∣ 2 ^ n + 1"),
    ("gcd", "theorem t (n : Nat) : Nat.gcd (5 * n + 3) (7 * n + 4) = 1"),
    ("divisors", "theorem t (m n : Nat) (h : 1 < m) (k : 1 < n) (p : m * n = 77) : m + n = 18"),
    ("divisors", "theorem t (n : Nat) (h : n ∣ 15) (k : 3 < n) (l : n < 15) : n = 5"),
    ("roots", "theorem t (f : Nat → Nat) (h : f 3 ^ 3 = 216) : f 3 = 6"),
    ("instances", "theorem t (f : Nat → Nat) (h : ∀ n, 3 ≤ n → f n = 2 * n) : f 5 = 10"),
    ("witness", "theorem t : ∃ n : Nat, n * n = 1369"),
    ("witness", "theorem t : ∃ x y : Int, x < 0 ∧ x * y = -35 ∧ y < 6"),
    ("linear system", "theorem t (a b : Rat) (h : a + b = 5) (k : a - b = 2) : a * b = 21 / 4"),
    ("signs", "theorem t (a b : Int) (h : 0 < a) (k : 0 < b) : 0 < a * b"),
    ("split", "theorem t (d x : Int) (h : 3 ≤ d) (k : d ≤ 6) (l : 4 * x % d = 3) : d = 5"),
    ("recurrence", "theorem t (f : Nat → Nat) (a : f 0 = 1) (b : f 1 = 1)\n"
     "    (h : ∀ n, f (n + 2) = f (n + 1) + f n) : f 6 = 13"),
    ("recurrence", "theorem t (f : Nat → Nat) (a : f 0 = 0) (b : f 1 = 1)\n"
     "    (h : ∀ n, f (n + 2) = f (n + 1) + f n) : f 301 % 2 = 1"),
    ("recurrence", "theorem t (x : Nat → Int) (a : x 1 = 2) (b : x 2 = 5)\n"
     "    (h : ∀ n ≥ 3, x n = x (n - 1) - x (n - 2)) : x 100 = -2"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "statement"), SHAPES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(SHAPES)])
async def test_template_closes_its_shape(lean: LeanWasmEnvironment, template: str, statement: str) -> None:
    async with lean.open(Theorem.from_text(statement)) as session:
        tactics = [tactic for tactic, _ in TEMPLATES[template](GoalView.of(session.initial.goals[0]))]
        assert tactics
        outcomes = await session.apply(session.initial, tactics, timeout_s=300)
        assert outcomes[-1] == Closed(), outcomes


INDUCTIONS = [
    "theorem t (n : Nat) : 3 ∣ 4 ^ n + 2",
    "def total : Nat → Nat | 0 => 0 | n + 1 => total n + (n + 1)\ntheorem t (n : Nat) : 2 * total n = n * (n + 1)",
    "def app : List Nat → List Nat → List Nat | [], ys => ys | x :: xs, ys => x :: app xs ys\n"
    "theorem t (xs ys zs : List Nat) : app (app xs ys) zs = app xs (app ys zs)",
    "inductive Tree | leaf | node (l r : Tree)\n"
    "def mirror : Tree → Tree | .leaf => .leaf | .node l r => .node (mirror r) (mirror l)\n"
    "theorem t (a : Tree) : mirror (mirror a) = a",
    "theorem t (n : Nat) (h : 4 ≤ n) : n + 5 ≤ 2 ^ n",
]


@pytest.mark.parametrize("statement", INDUCTIONS)
async def test_induction_and_a_finish_close_in_one_tactic(lean: LeanWasmEnvironment, statement: str) -> None:
    async with lean.open(Theorem.from_text(statement)) as session:
        goal = session.initial.goals[0]
        tactics = [tactic for tactic, _ in induction_steps(goal, GoalView.of(goal))]
        outcomes = await session.apply(session.initial, tactics, timeout_s=300)
        assert outcomes[-1] == Closed(), outcomes


@pytest.mark.parametrize(
    "statement",
    [
        "theorem t (x y : Rat) (h : x * y = 1) : x ≠ 0",
        "theorem t (n : Nat) (h : n ^ 1000000 = 2) : False",
        "theorem t (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n / 0) (k : f 0 = 3) : f 100000 = 0",
        "theorem t (a b c d e : Nat) (h : a * b * c * d * e = 1000000007) : a ≤ 1000000007",
        "theorem t (x : Int) (h : x < -5) (k : x > 3) : False",
        "theorem t : ∀ n : Nat, n % 0 = n",
    ],
)
async def test_odd_goals_do_no_harm(lean: LeanWasmEnvironment, statement: str) -> None:
    async with lean.open(Theorem.from_text(statement)) as session:
        view = GoalView.of(session.initial.goals[0])
        templates = list(TEMPLATES.values())
        for tactic, weight in [step for template in templates for step in template(view)]:
            assert tactic
            assert 0 < weight <= 1
