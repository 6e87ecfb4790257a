from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from prover.assembly.policies import closers
from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError, LanguageModelError
from prover.policies.generator import Proposal
from prover.policies.mixture import MixturePolicy, Turn
from prover.policies.scripted import ScriptedPolicy
from prover.proving.suggest import RANK, Outcome, Suggester, SuggestionOptions

AND = Theorem.from_text("theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q")
PATIENT = SuggestionOptions(timeout_s=60, tactic_timeout_s=60)
"""What is asserted does not depend on how busy the machine is."""
STEPS = ["omega", "constructor", "exact ⟨hp, hq⟩", "exact nothing", "sorry", "exact ⟨inaccessible_x, hq⟩"]


def scripted(lean: LeanWasmEnvironment, *tactics: str) -> Suggester:
    return Suggester(lean, ScriptedPolicy(tactics or STEPS))


async def test_what_closes_comes_first_then_what_advances_then_what_fails(lean: LeanWasmEnvironment) -> None:
    found = await scripted(lean).for_theorem(AND, options=PATIENT)
    assert [(s.tactic, s.outcome) for s in found.suggestions] == [
        ("exact ⟨hp, hq⟩", Outcome.CLOSES),
        ("constructor", Outcome.ADVANCES),
        ("omega", Outcome.FAILS),
        ("exact nothing", Outcome.FAILS),
    ]
    _, advances, _, fails = found.suggestions
    assert [goal.splitlines()[-1] for goal in advances.goals] == ["⊢ p", "⊢ q"]
    assert fails.message is not None
    assert "nothing" in fails.message
    assert found.tried_in == "theorem"
    assert found.environment == lean.identity


async def test_tactics_so_far_lead_to_the_state(lean: LeanWasmEnvironment) -> None:
    found = await scripted(lean, "exact hp", "exact hq").for_theorem(AND, ["constructor", "exact hp"], options=PATIENT)
    assert [goal.splitlines()[-1] for goal in found.goals] == ["⊢ q"]
    assert [(s.tactic, s.outcome) for s in found.suggestions] == [
        ("exact hq", Outcome.CLOSES),
        ("exact hp", Outcome.FAILS),
    ]


async def test_nothing_is_suggested_when_nothing_is_left(lean: LeanWasmEnvironment) -> None:
    found = await scripted(lean).for_theorem(AND, ["constructor", "exact hp", "exact hq"], options=PATIENT)
    assert (found.goals, found.suggestions) == ((), ())


@pytest.mark.parametrize(
    ("tactics", "said"),
    [
        (["constructor", "exact hq"], r"tactic 2 \(exact hq\) does not apply"),
        (["sorry"], r"tactic 1 \(sorry\) does not apply"),
        (["exact ⟨hp, hq⟩", "rfl"], "nothing is left to prove after tactic 1 of 2"),
        (["skip"] * 501, "501 tactics"),
    ],
)
async def test_tactics_that_do_not_apply_are_bad_input(
    lean: LeanWasmEnvironment, tactics: list[str], said: str
) -> None:
    with pytest.raises(InvalidTheoremError, match=said):
        await scripted(lean).for_theorem(AND, tactics, options=PATIENT)


async def test_a_printed_goal_is_read_back_with_its_header(lean: LeanWasmEnvironment) -> None:
    suggester = scripted(lean, "simp [twice]; omega", "rfl")
    state = "n : Nat\n⊢ twice n = 2 * n"
    found = await suggester.for_state(state, header="def twice (n : Nat) := n + n", options=PATIENT)
    assert (found.tried_in, found.goals) == ("goal", (state,))
    assert [s.outcome for s in found.suggestions] == [Outcome.CLOSES, Outcome.FAILS]


async def test_a_goal_that_cannot_be_read_back_gets_untried_suggestions(lean: LeanWasmEnvironment) -> None:
    state = "x : ℝ\nhx : 0 < x\n⊢ Real.log (x ^ 2) = 2 * Real.log x"
    found = await Suggester(lean, closers()).for_state(
        state, header="import Mathlib", options=PATIENT.model_copy(update={"n": 5})
    )
    assert (found.tried_in, found.goals, len(found.suggestions)) == (None, (state,), 5)
    assert {s.outcome for s in found.suggestions} == {Outcome.UNTRIED}


async def test_inaccessible_names_are_never_suggested_and_printed_as_lean_does(lean: LeanWasmEnvironment) -> None:
    found = await Suggester(lean, closers()).for_state("p : Prop\nh✝ : p ∧ True\n⊢ p ∧ p", options=PATIENT)
    assert found.suggestions
    assert all("inaccessible" not in s.tactic for s in found.suggestions)
    shown = "\n".join([*found.goals, *(goal for s in found.suggestions for goal in s.goals)])
    assert "h✝" in shown
    assert "inaccessible" not in shown


async def test_every_suggestion_has_the_prefix(lean: LeanWasmEnvironment) -> None:
    found = await Suggester(lean, closers()).for_theorem(
        AND, options=PATIENT.model_copy(update={"prefix": "  cons", "n": 3})
    )
    assert found.suggestions
    assert all(s.tactic.startswith("cons") for s in found.suggestions)


async def test_suggestions_are_ordered_and_no_more_than_asked(lean: LeanWasmEnvironment) -> None:
    found = await Suggester(lean, closers()).for_theorem(
        Theorem.from_text("theorem t (l : List Nat) : l ++ [] = l"), options=PATIENT.model_copy(update={"n": 12})
    )
    keys = [(RANK[s.outcome], -s.logprob) for s in found.suggestions]
    assert keys == sorted(keys)
    assert len(found.suggestions) == 12
    assert found.suggestions[0].outcome is Outcome.CLOSES


async def test_time_that_is_up_leaves_suggestions_untried(lean: LeanWasmEnvironment) -> None:
    options = SuggestionOptions(timeout_s=1e-9)
    found = await scripted(lean).for_theorem(AND, options=options)
    assert {s.outcome for s in found.suggestions} == {Outcome.UNTRIED}
    assert all(math.isfinite(s.logprob) for s in found.suggestions)


async def test_what_got_no_turn_is_untried_not_failed(lean: LeanWasmEnvironment) -> None:
    slow = "exact absurd (by decide : (List.range 4000).foldl (· + ·) 0 = 3) (by decide)"
    options = SuggestionOptions(timeout_s=0.3)
    found = await scripted(lean, slow, "exact ⟨hp, hq⟩").for_theorem(AND, options=options)
    outcomes = {s.tactic: s.outcome for s in found.suggestions}
    assert outcomes[slow] is Outcome.FAILS
    assert outcomes["exact ⟨hp, hq⟩"] in {Outcome.UNTRIED, Outcome.CLOSES}  # closes: where `slow` is not


class Broken(ScriptedPolicy):
    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        raise LanguageModelError("the model is down")


async def test_a_part_that_fails_is_noted(lean: LeanWasmEnvironment) -> None:
    mixture = MixturePolicy([Turn(Broken(["rfl"]), 4), Turn(ScriptedPolicy(["exact ⟨hp, hq⟩"]), 4)])
    found = await Suggester(lean, mixture).for_theorem(AND, options=PATIENT)
    assert [s.outcome for s in found.suggestions] == [Outcome.CLOSES]
    assert "the model is down" in found.notes[0]
