"""The lemmas that tactics make on the way: when the kernel checks them, and which axioms the library's rest on."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Advanced, Closed, TacticOutcome
from prover.core.theorem import Theorem
from prover.environments.environment import verified_later
from prover.environments.lean_wasm.environment import LeanWasmEnvironment

pytestmark = pytest.mark.lean

SQUARE = "theorem square (a b : Nat) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b"
FALSE = "theorem cheat : 1 = 2"
MACRO = 'macro "cheap" : tactic => `(tactic| decide +kernel)\n'
BY_THE_KERNEL = (
    "decide +kernel",
    "decide +revert +kernel",
    "decide +kernel +revert",
    "decide (config := { kernel := true })",
    "first | decide +kernel | rfl",
    "have h : (2 : Nat) = 3 := by decide +kernel",
    "have h : (2 : Nat) = 3 := by decide (config := { kernel := true })",
    "by_cases h : 3 = 4 <;> decide +kernel",
)


async def tried(lean: LeanWasmEnvironment, statement: str, *tactics: str, later: bool = True) -> list[TacticOutcome]:
    """Return what becomes of each tactic at the start of a session whose proofs will be verified, if `later`."""
    async with lean.open(Theorem.from_text(statement)) as session:
        if later:
            verified_later(session)
        outcomes: list[TacticOutcome] = []
        for tactic in tactics:
            outcomes += await session.apply(session.initial, [tactic], timeout_s=300)
        return outcomes


@pytest.mark.parametrize(
    ("statement", "tactic"),
    [(SQUARE, "grind"), ("theorem t (n : Nat) : 9 ∣ 4 ^ n + 15 * n + 8", "induction n <;> omega")],
    ids=["grind", "omega"],
)
async def test_a_search_does_not_pay_for_what_verification_checks(
    lean: LeanWasmEnvironment, statement: str, tactic: str
) -> None:
    (at_once,) = await tried(lean, statement, tactic, later=False)
    (later,) = await tried(lean, statement, tactic)
    assert at_once == later == Closed()
    assert later.effort < 0.6 * at_once.effort
    verification = await lean.check(Theorem.from_text(statement), [tactic], timeout_s=300)
    assert verification.accepted


@pytest.mark.parametrize("tactic", BY_THE_KERNEL)
async def test_what_the_kernel_decides_it_decides_at_once(lean: LeanWasmEnvironment, tactic: str) -> None:
    (outcome,) = await tried(lean, FALSE, tactic)
    assert not isinstance(outcome, Advanced | Closed)


async def test_what_the_kernel_decides_may_have_another_name(lean: LeanWasmEnvironment) -> None:
    (outcome,) = await tried(lean, MACRO + FALSE, "have h : (2 : Nat) = 3 := by cheap")
    assert not isinstance(outcome, Advanced | Closed)


async def test_what_the_kernel_decides_is_decided(lean: LeanWasmEnvironment) -> None:
    statement = "theorem t : ∀ a b : Fin 4, a + b = b + a"
    every = ["decide +kernel", "first\n| omega\n| decide +kernel", "have h : 2 + 2 = 4 := by decide +kernel", "rfl"]
    kinds = [type(outcome) for outcome in await tried(lean, statement, *every)]
    assert kinds[:3] == [Closed, Closed, Advanced]


async def test_a_lemma_that_got_past_the_kernel_closes_nothing(lean: LeanWasmEnvironment) -> None:
    cheat = "have h : 1 = 2 := by\n  set_option debug.skipKernelTC true in decide +kernel\nexact h"
    for later in (True, False):
        (outcome,) = await tried(lean, FALSE, cheat, later=later)
        assert not isinstance(outcome, Advanced | Closed)


async def test_a_lemma_of_an_earlier_tactic_that_got_past_the_kernel_closes_nothing(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(FALSE)) as session:
        verified_later(session)
        lemma = "have h : 1 = 2 := by set_option debug.skipKernelTC true in decide +kernel"
        (advanced,) = await session.apply(session.initial, [lemma], timeout_s=300)
        assert isinstance(advanced, Advanced)
        (outcome,) = await session.apply(advanced.state, ["exact h"], timeout_s=300)
    assert not isinstance(outcome, Closed)


PROOFS = {
    "none": ("theorem t (p : Prop) (h : p) : p", "exact h"),
    "propext": ("theorem t (p q : Prop) (h : p ↔ q) : p = q", "exact propext h"),
    "choice": ("theorem t (p : Prop) : p ∨ ¬ p", "exact Classical.em p"),
    "quotient": ("theorem t (f g : Nat → Nat) (h : ∀ x, f x = g x) : f = g", "exact funext h"),
    "omega": ("theorem t (a b : Nat) (h : a < b) : a + 1 ≤ b", "omega"),
    "grind": (SQUARE, "grind"),
    "a name beyond Latin-1": ("theorem t (x : Option Nat) : x.map id = x", "simp [Option.map_id]"),
}


@pytest.mark.parametrize("proof", PROOFS)
async def test_axioms_are_the_same_with_and_without_a_snapshot(lean: LeanWasmEnvironment, proof: str) -> None:
    statement, tactic = PROOFS[proof]
    looked_up, walked = [
        await lean.check(Theorem.from_text(imports + statement), [tactic], timeout_s=300)
        for imports in ("", "import Init\nimport Init.Grind\n")
    ]
    assert looked_up.accepted
    assert looked_up.theorems == walked.theorems
