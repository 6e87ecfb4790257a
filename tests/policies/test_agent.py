"""A chat model that is told what failed: what it is shown, and what it may answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import policy
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import Goal, ProofState, Rejected, normalise_tactic
from prover.core.record import StopReason
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.errors import ContextOverflowError, InvalidPolicyError, PromptTooLongError
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.llm.agent import AgentPolicy, tactic_in
from prover.policies.llm.prompts.lean_code import proof_in_answer
from prover.search.best_first import best_first_search
from prover.settings import ModelSettings
from tests.policies.models import SpeakingModel, says
from tests.policies.test_reading import ANSWERS, QUERY

STATE = ProofState((Goal("n : Nat\n⊢ n = n"),))


async def test_agent_is_told_what_failed() -> None:
    def learns(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        assert isinstance(prompt, tuple)
        return [Completion("```lean\nadd 2\n```" if "add x" in prompt[-1].content else "`add x`", -1.0, 3)]

    model = SpeakingModel(learns)
    agent = AgentPolicy(model)
    async with ToyEnvironment().open(Theorem.from_text("theorem t : 3 to 5")) as session:
        result = await best_first_search(session, agent, BudgetMeter(SearchBudget(expansions=2)))
    assert result.statistics.advanced == 1
    assert result.statistics.rejected == 1
    assert "add x" in str(model.asked[1][0])


async def test_agent_gives_up_after_its_attempts() -> None:
    model = SpeakingModel(says("add x"))
    async with ToyEnvironment().open(Theorem.from_text("theorem t : 3 to 5")) as session:
        result = await best_first_search(session, AgentPolicy(model, attempts=3), BudgetMeter(SearchBudget()))
    assert result.stop is StopReason.EXHAUSTED
    assert len(model.asked) == 3


@pytest.mark.parametrize(
    ("answer", "tactic"),
    [
        ("```lean\nsimp\n```", "simp"),
        ("<think>```lean\nno\n```</think> So:\n```lean4\nomega\n```", "omega"),
        ("`rfl`", "rfl"),
        ("by simp", "simp"),
        ("I do not know.\nSorry.", ""),
        ("```lean\nsorry\n```", ""),
        ("```lean\ntheorem t (p : Prop) (h : p) : p := by\n  exact h\n```", "exact h"),
        ("```lean\ntheorem t (p : Prop) (h : p) : p := h\n```", "exact h"),
        ("```\nby\n  intro x\n  simp", "intro x\nsimp"),
        ("", ""),
    ],
)
def test_agent_reads_the_tactic(answer: str, tactic: str) -> None:
    assert tactic_in(answer) == tactic


async def test_agent_forgets_failures_that_do_not_fit() -> None:
    def narrow(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if "This failed" in prompt[-1].content:  # type: ignore[union-attr]
            raise ContextOverflowError("maximum context length")
        return [Completion("add 1", -1.0, 1)]

    agent = AgentPolicy(SpeakingModel(narrow))
    (proposal,) = await agent.propose([STATE], n=1, seed=0)
    agent.observe(STATE, proposal.candidates[0], Rejected("no"))
    (proposal,) = await agent.propose([STATE], n=1, seed=0, tried=1)
    assert proposal.candidates == ()


async def test_agent_says_that_nothing_fits_and_asks_no_more() -> None:
    def never(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        raise ContextOverflowError("maximum context length")

    model = SpeakingModel(never)
    agent = AgentPolicy(model)
    with pytest.raises(PromptTooLongError, match="cannot be asked about this theorem: maximum context length"):
        await agent.propose([STATE], n=1, seed=0)
    assert len(model.asked) == 1


@pytest.mark.parametrize("form", ANSWERS)
def test_agent_takes_an_answer_of_any_form_as_its_next_step(form: str) -> None:
    proof = proof_in_answer(ANSWERS[form], QUERY)
    assert proof
    assert tactic_in(ANSWERS[form], QUERY.theorem) == normalise_tactic(proof)


async def test_agent_is_asked_as_the_settings_say(tmp_path: Path) -> None:
    model, settings = SpeakingModel(says("```lean\nadd x\n```")), ModelSettings(rounds=2, max_tokens=9, temperature=0.5)
    agent = await policy("agent", settings, model, library=NO_PREMISES)
    for tried in range(3):
        await agent.propose([STATE], n=1, seed=0, tried=tried)
    assert len(model.asked) == 2
    assert {(sampling.max_tokens, sampling.temperature) for _, sampling in model.asked} == {(9, 0.5)}
    with pytest.raises(InvalidPolicyError, match="the agent has words of its own"):
        await policy("agent", ModelSettings(prompt_file=tmp_path / "words"), model, library=NO_PREMISES)
