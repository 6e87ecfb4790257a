"""Which statements are shown to say the same, with real Lean: by proofs that need the other statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from prover.assembly.policies import closers
from prover.bench.formalisation.equivalence import ALONE, CONTRADICTORY, EquivalenceCheck, Judge, StatementOutcome
from prover.bench.formalisation.means import Means, means
from prover.bench.formalisation.statements import Reference
from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.syntax.lean.statement import proof_of
from prover.errors import InvalidTheoremError
from prover.policies.scripted import ScriptedPolicy
from prover.proving.verify import verify_source

EVEN = "theorem even (n : Nat) : 2 ∣ n * (n + 1)"
SMALL = SearchBudget(expansions=8, effort=4, tactic_effort=2)


async def compared(
    reference: str,
    candidate: str,
    lean: LeanWasmEnvironment,
    *,
    with_: Sequence[Means] | None = None,
    search: bool = True,
) -> EquivalenceCheck:
    stated = Reference.of(Theorem.from_text(reference))
    async with lean.open(stated.candidate(candidate)):
        pass  # it compiles
    small = [replace(part, budget=SMALL) for part in means(closers(), SMALL) if search or part.name != "search"]
    return await Judge(stated, with_ or small, lean).compare(candidate)


EQUIVALENT = {
    "as it is": ("theorem t (a b : Nat) : a + b = b + a", "theorem other (a b : Nat) : a + b = b + a"),
    "other names": ("theorem t (a b : Nat) : a + b = b + a", "example : ∀ x y : Nat, x + y = y + x"),
    "sides": ("theorem t (n : Nat) (h : 0 < n) : n * n = n ^ 2", "theorem s (m : Nat) (hm : 0 < m) : m ^ 2 = m * m"),
    "hypotheses in another order": (
        "theorem t (x y : Int) (h₀ : x + y = 10) (h₁ : x - y = 4) : x = 7",
        "theorem s (y x : Int) (h₁ : x - y = 4) (h₀ : x + y = 10) : x = 7",
    ),
    "hypotheses packed together": (
        "theorem t (x y : Int) (h₀ : x + y = 10) (h₁ : x - y = 4) : x = 7",
        "theorem s (x y : Int) (h : x + y = 10 ∧ x - y = 4) : x = 7",
    ),
    "divisibility as a remainder": (EVEN, "theorem s (n : Nat) : n * (n + 1) % 2 = 0"),
    "universes": (
        "theorem t {α : Type _} (xs : List α) : xs.reverse.reverse = xs",
        "theorem s {β : Type _} {l : List β} : List.reverse (List.reverse l) = l",
    ),
    "implicit variables and namespaces": (
        "namespace Mine\n\ndef double (n : Nat) := n + n\n\ntheorem t (n : Nat) : double n = 2 * n\n\nend Mine",
        "theorem Nat.s (n : Nat) : double n = 2 * n",
    ),
}


@pytest.mark.parametrize(("reference", "candidate"), EQUIVALENT.values(), ids=EQUIVALENT)
async def test_what_says_the_same_is_shown(reference: str, candidate: str, lean: LeanWasmEnvironment) -> None:
    found = await compared(reference, candidate, lean, search=False)
    assert found.outcome == StatementOutcome.EQUIVALENT, found
    for direction in (found.forward, found.backward):
        assert direction.proof is not None
        stated = Theorem.from_text(proof_of(direction.proof)[0].with_proof("sorry"))
        verification = await verify_source(Theorem.from_text(direction.proof), lean, against=stated, timeout_s=300)
        assert verification.accepted, verification.reason
        assert "prover_premise" in direction.proof


DIFFERENT = {
    "nothing is said": ("theorem s : True", StatementOutcome.NOT_SHOWN),
    "a case": ("theorem s (n : Nat) (h : n % 3 = 1) : 2 ∣ n * (n + 1)", StatementOutcome.WEAKER),
    "another true statement": ("theorem s (a b : Nat) : a + b = b + a", StatementOutcome.NOT_SHOWN),
    "a false statement": ("theorem s (n : Nat) : n = n + 1", StatementOutcome.NOT_SHOWN),
}


@pytest.mark.parametrize(("candidate", "outcome"), DIFFERENT.values(), ids=DIFFERENT)
async def test_true_statements_are_not_equivalent_for_being_true(
    candidate: str, outcome: StatementOutcome, lean: LeanWasmEnvironment
) -> None:
    found = await compared(EVEN, candidate, lean)
    assert found.outcome == outcome, found
    assert found.forward.reason


async def test_what_follows_from_its_own_hypotheses_is_not_linked(lean: LeanWasmEnvironment) -> None:
    both = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"
    found = await compared(both, "theorem s (p q : Prop) (hp : p) : p", lean, search=False)
    assert (found.outcome, found.forward.reason, found.backward.reason) == (StatementOutcome.NOT_SHOWN, ALONE, ALONE)
    same = await compared(both, "theorem s (r s : Prop) (a : r) (b : s) : r ∧ s", lean)
    assert {same.forward.means, same.backward.means} == {"definition"}


async def test_false_statements_are_not_equivalent_for_being_false(lean: LeanWasmEnvironment) -> None:
    found = await compared("theorem t (n : Nat) : n = n + 1", "theorem s (n : Nat) : n = n + 2", lean)
    assert found.outcome == StatementOutcome.NOT_SHOWN, found
    assert CONTRADICTORY in {found.forward.reason, found.backward.reason}


async def test_what_needs_no_premise_is_no_implication(lean: LeanWasmEnvironment) -> None:
    cheap = (Means("cheap", ScriptedPolicy(["(intros; omega)"]), SMALL, refutes=False),)
    found = await compared(
        "theorem t (a b : Nat) : a + b = b + a", "theorem s (a : Nat) : a + 0 = a", lean, with_=cheap
    )
    assert found.forward.reason == ALONE
    assert not found.forward.shown


SMUGGLED = {
    "sorry": "theorem s : sorry",
    "an axiom behind": "theorem s : True\naxiom bad : False",
    "an axiom before a second theorem": "theorem s : True := trivial\naxiom bad : False\ntheorem u : 2 = 3",
    "the end of a namespace": "theorem s : True\nend Mine\nnamespace Other",
    "a definition": "theorem s : True := trivial\ndef x := 1\ntheorem u : x = 1",
    "a command": "theorem s : True\n#eval 1",
    "a program": "theorem s : (by_elab return .const `True []) = True",
    "our premise": "theorem s : prover_premise = prover_premise",
    "a direction sign": "theorem s : 1 = 1 \u202e",
}


@pytest.mark.parametrize("text", SMUGGLED.values(), ids=SMUGGLED)
async def test_more_than_a_statement_is_not_taken(text: str, lean: LeanWasmEnvironment) -> None:
    stated = Reference.of(Theorem.from_text("namespace Mine\ntheorem t : 1 = 1\nend Mine"))
    with pytest.raises(InvalidTheoremError):
        async with lean.open(stated.candidate(text)):
            pass


async def test_names_are_not_captured(lean: LeanWasmEnvironment) -> None:
    """Each uses names that the other gives to something else."""
    reference = "def f (n : Nat) := n + 1\n\ntheorem f_pos (g : Nat) (h : g = 2) : f g = 3"
    candidate = "theorem g (f : Nat) (t : f = 2) : f + 1 = 3"
    found = await compared(reference, candidate, lean)
    assert found.outcome in {StatementOutcome.EQUIVALENT, StatementOutcome.NOT_SHOWN}
    same = await compared(reference, "theorem f_pos' (h : Nat) (f_pos : h = 2) : f h = 3", lean)
    assert same.outcome == StatementOutcome.EQUIVALENT
