"""Policies that ask a language model."""

from __future__ import annotations

import asyncio
import math

import pytest

from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import policy
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import Goal, ProofState
from prover.core.record import ProofRecord, StopReason
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment
from prover.errors import (
    ContextOverflowError,
    GeneratorError,
    InvalidPolicyError,
    LanguageModelError,
    PromptTooLongError,
)
from prover.models.abilities import UNSCORED
from prover.models.cached import CachedModel
from prover.models.model import Completion, Prompt, Sampling, seed_of_round
from prover.policies.generator import TacticGenerator, notes_of, put_at_goal
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from prover.policies.llm.whole_proof import WholeProofPolicy, as_tactic
from prover.policies.mixture import MixturePolicy, Turn
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.search.best_first import best_first_search
from prover.settings import ModelSettings
from prover.storage.cache import MemoryCache
from tests.policies.models import SpeakingModel, Speech, fails, says

LLEMMA = FORMATS["llemma"]
STATE = ProofState((Goal("n : Nat\n⊢ n = n"),))
OTHER = ProofState((Goal("⊢ True"),))


def asking(
    speech: Speech, *, delay_s: float = 0.0, samples: int = 32, batches: int = 1, normalised: bool = True
) -> tuple[SpeakingModel, LlmPolicy]:
    model = SpeakingModel(speech, delay_s=delay_s)
    return model, LlmPolicy(model, LLEMMA, LlmOptions(samples=samples, batches=batches, normalised=normalised))


async def tactics(generator: TacticGenerator, *, n: int = 32, tried: int = 0) -> list[tuple[str, float]]:
    (proposal,) = await generator.propose([STATE], n=n, seed=0, tried=tried)
    return [(c.tactic, round(c.logprob, 3)) for c in proposal.candidates]


async def test_equal_tactics_count_once_with_their_best_score() -> None:
    _, generator = asking(says(("simp", -4.0), (" omega\n", -1.0), ("omega", -2.0), ("", -0.1), ("sorry", -0.1)))
    assert await tactics(generator) == [("omega", -0.5), ("simp", -2.0)]


async def test_score_may_be_the_sum() -> None:
    _, generator = asking(says(("simp", -4.0), ("omega", -1.0)), normalised=False)
    assert await tactics(generator) == [("omega", -1.0), ("simp", -4.0)]


async def test_without_logprobs_the_frequency_is_the_score() -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        return [Completion(text, None, 0) for text in ("simp", "omega", "simp", "simp")]

    _, generator = asking(speak)
    assert await tactics(generator) == [("simp", round(math.log(3 / 4), 3)), ("omega", round(math.log(1 / 4), 3))]
    assert notes_of(generator) == (UNSCORED,)


async def test_answer_that_was_cut_off_is_no_tactic() -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        return [Completion("simp", -1.0, 2), Completion("rw [Nat.ad", -0.1, 9, finished=False)]

    _, generator = asking(speak)
    assert await tactics(generator) == [("simp", -0.5)]


async def test_state_is_asked_for_once_and_sampled_as_the_format_says() -> None:
    model, generator = asking(says("rfl"), samples=7)
    await tactics(generator)
    await tactics(generator, n=5)
    ((prompt, sampling),) = model.asked
    assert isinstance(prompt, str)
    assert "⊢ n = n" in prompt
    assert (sampling.n, sampling.temperature, sampling.stop) == (7, LLEMMA.temperature, LLEMMA.stop)


async def test_several_states_are_asked_for_at_once() -> None:
    model, generator = asking(says("rfl"), delay_s=0.01)
    first, second = await generator.propose([STATE, OTHER], n=8, seed=0)
    assert len(model.asked) == model.most_at_once == 2
    assert first.candidates == second.candidates


async def test_further_batches_bring_what_is_new() -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        return [Completion(text, -1.0, 1) for text in ("rfl", f"simp{sampling.seed}")]

    model, generator = asking(speak, batches=2)
    (first,) = await generator.propose([STATE], n=32, seed=0)
    assert [c.tactic for c in first.candidates] == ["rfl", "simp0"]
    assert first.more is not None
    (second,) = await generator.propose([STATE], n=32, seed=0, tried=2)
    assert [c.tactic for c in second.candidates] == [f"simp{seed_of_round(0, 1)}"]
    assert second.more is None
    assert len(model.asked) == 2


async def test_expected_states_are_asked_for_ahead_and_cancelled_with_the_theorem() -> None:
    model, generator = asking(says("rfl"), delay_s=30)
    async with generator.for_theorem(Theorem.from_text("theorem t : 1 = 1")) as prepared:
        prepared.prefetch([STATE, OTHER], seed=0)
        await asyncio.sleep(0.01)
        assert len(model.asked) == 2
    assert model.cancelled == 2


async def test_prompt_that_overflows_is_cut_until_it_fits() -> None:
    def narrow(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if len(prompt) > 300:
            raise ContextOverflowError("maximum context length")
        return [Completion("rfl", -1.0, 1)]

    model, generator = asking(narrow)
    assert await tactics(generator) == [("rfl", -1.0)]
    assert "⊢ n = n" in str(model.asked[-1][0])
    assert len(model.asked) > 1


async def test_goal_too_large_for_the_model_gets_no_tactics() -> None:
    def never(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        raise ContextOverflowError("maximum context length")

    _, generator = asking(never)
    with pytest.raises(PromptTooLongError, match="cannot be asked about this theorem: maximum context length"):
        await tactics(generator)


async def test_later_goal_that_is_too_large_is_left_out_with_a_note() -> None:
    def narrow(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if "LONG" in str(prompt):
            raise ContextOverflowError("maximum context length")
        return [Completion("rfl", -1.0, 1)]

    _, generator = asking(narrow)
    assert await tactics(generator) == [("rfl", -1.0)]
    (proposal,) = await generator.propose([ProofState((Goal("⊢ LONG"),))], n=8, seed=0)
    assert proposal.candidates == ()
    assert "1 state could not be put to the model, however short: maximum context length" in notes_of(generator)


async def test_model_that_is_down_is_an_error_of_the_policy() -> None:
    _, generator = asking(fails)
    with pytest.raises(GeneratorError, match="down"):
        await tactics(generator)


async def test_same_prompt_and_seed_are_asked_for_once_in_a_run() -> None:
    model = SpeakingModel(says("rfl"))
    cache = MemoryCache()
    for seed in (0, 0, 1):
        generator = LlmPolicy(CachedModel(model, cache), LLEMMA)
        await generator.propose([STATE], n=8, seed=seed)
    assert len(model.asked) == 2
    assert cache.counts["completions"].hits == 1


# ---- mixture -------------------------------------------------------------------------------------------------------


async def test_turns_are_taken_one_a_visit_and_the_next_is_prepared() -> None:
    model, llm = asking(says("rfl", "omega"), delay_s=0.05)
    cheap = ScriptedPolicy(["simp", "rfl", "decide"])
    mixture = MixturePolicy([Turn(cheap, 2), Turn(llm, 8, expected=-0.3), Turn(cheap, 8)])
    (first,) = await mixture.propose([STATE], n=32, seed=0)
    assert [c.tactic for c in first.candidates] == ["simp", "rfl"]
    assert first.more == -0.3
    await asyncio.sleep(0)
    assert len(model.asked) == 1
    (second,) = await mixture.propose([STATE], n=32, seed=0, tried=2)
    assert [c.tactic for c in second.candidates] == ["omega"]
    (third,) = await mixture.propose([STATE], n=32, seed=0, tried=3)
    assert [c.tactic for c in third.candidates] == ["decide"]
    assert third.more is None


async def test_policy_that_fails_is_left_out_with_a_note() -> None:
    mixture = MixturePolicy([Turn(asking(fails)[1], 8), Turn(ScriptedPolicy(["add 1", "done"]), 8)])
    record = await prove_theorem(
        Theorem.from_text("theorem t : 3 to 5"), environment=ToyEnvironment(), generator=mixture
    )
    assert record.proved
    assert any("the model is down" in note for note in record.notes)


async def test_search_ends_when_every_turn_is_taken() -> None:
    mixture = MixturePolicy([Turn(ScriptedPolicy(["no"]), 1), Turn(asking(says("no", "never"))[1], 8)])
    async with ToyEnvironment().open(Theorem.from_text("theorem t : 3 to 5")) as session:
        result = await best_first_search(session, mixture, BudgetMeter(SearchBudget()))
    assert result.stop is StopReason.EXHAUSTED
    assert result.statistics.tactics == 2


# ---- whole proofs --------------------------------------------------------------------------------------------------

GOEDEL = FORMATS["goedel-v2"]
AND = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"


def fenced(proof: str) -> str:
    return f"First a plan.\n```lean4\n{AND} := by\n{proof}\n```\n"


async def whole(lean: LeanWasmEnvironment, speech: Speech) -> tuple[SpeakingModel, ProofRecord]:
    model = SpeakingModel(speech)
    generator = WholeProofPolicy(model, GOEDEL, LlmOptions(samples=4, batches=3))
    record = await prove_theorem(Theorem.from_text(AND), environment=lean, generator=generator, shortening=0)
    return model, record


async def test_whole_proof_is_verified_like_any_other(lean: LeanWasmEnvironment) -> None:
    _, record = await whole(lean, says(fenced("  exact hp"), fenced("  constructor\n  · exact hp\n  · exact hq")))
    assert record.proved
    assert record.search.sources == ("whole proof",)
    assert record.proof is not None
    assert "· exact hq" in record.proof


async def test_what_lean_says_goes_back_for_correction(lean: LeanWasmEnvironment) -> None:
    def learns(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        text = "\n".join(message.content for message in prompt) if isinstance(prompt, tuple) else prompt
        told = "hr" in text
        return [Completion(fenced("  exact ⟨hp, hq⟩" if told else "  exact ⟨hp, hr⟩"), -1.0, 9)]

    model, record = await whole(lean, learns)
    assert record.proved
    assert len(model.asked) == 2


@pytest.mark.parametrize("answer", ["", "no idea", "```lean4\n```", fenced("  sorry"), fenced("  constructor")])
async def test_rounds_end(lean: LeanWasmEnvironment, answer: str) -> None:
    model, record = await whole(lean, says(answer))
    assert not record.proved
    assert record.search.stop is StopReason.EXHAUSTED
    assert 1 <= len(model.asked) <= 8


async def test_mixture_passes_on_which_goal_is_to_be_proved_whole() -> None:
    model = SpeakingModel(says(fenced("  exact hp")))
    mixture = MixturePolicy([Turn(WholeProofPolicy(model, GOEDEL, LlmOptions(samples=1, batches=1)), 8)])
    for stated in (Theorem.from_text("example (p : Prop) (hp : p) : p"), None, Theorem.from_text("example : 1 = 1")):
        put_at_goal(mixture, stated)
        state = ProofState((Goal(f"⊢ {stated}"),))
        (proposal,) = await mixture.propose([state], n=8, seed=0)
        assert bool(proposal.candidates) == (stated is not None)
    first, second = (str(prompt[0].content) for prompt, _ in model.asked if isinstance(prompt, tuple))
    assert "(p : Prop) (hp : p) : p := by" in first
    assert ": 1 = 1 := by" in second


def test_whole_proof_becomes_one_tactic() -> None:
    assert as_tactic("  intro h\n  exact h") == "(\n  intro h\n  exact h\n)"
    assert as_tactic("rfl") == "(rfl)"


# ---- choosing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "text"),
    [
        ("nonsense", {}, "there is no policy 'nonsense'"),
        ("model", {}, "needs a language model"),
        ("model", {"prompt": "nonsense"}, "no prompt format"),
        ("mixture", {"turns": "closers:many"}, "is no turn of a mixture"),
    ],
)
async def test_policy_that_cannot_be_is_refused(name: str, settings: dict[str, str], text: str) -> None:
    model = SpeakingModel(says("rfl")) if settings else None
    with pytest.raises(InvalidPolicyError, match=text):
        await policy(name, ModelSettings(**settings), model, library=NO_PREMISES)


async def test_mixture_does_without_a_model_that_cannot_be_used() -> None:
    class Down(SpeakingModel):
        async def identify(self) -> str:
            raise LanguageModelError("no model server answers")

    model = Down(fails)
    with pytest.raises(LanguageModelError):
        await policy(None, ModelSettings(), model, library=NO_PREMISES)
    generator = await policy(None, ModelSettings(), model, library=NO_PREMISES, without_model=True)
    assert isinstance(generator, MixturePolicy)
    assert "no model server answers" in generator.notes[0]


async def test_closers_of_a_mixture_come_in_the_order_that_was_learned() -> None:
    model, asking = SpeakingModel(says("rfl")), ModelSettings(url="http://127.0.0.1:8000")
    learned = await policy(None, asking, model, library=NO_PREMISES)
    assert learned.identity.startswith("ranked(closers@")
    plain = await policy(None, asking, model, library=NO_PREMISES, learned=False)
    assert plain.identity.startswith("closers@")
