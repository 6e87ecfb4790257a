"""Sketches in Isabelle: what came back and was of no use, or did not fit, is said; the closers go on."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.errors import ContextOverflowError
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.automation.isabelle_closers import IsabelleClosersPolicy
from prover.policies.generator import notes_of
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.sketch import SketchPolicy
from tests.policies.models import SpeakingModel, Speech, says

LEMMA = Theorem.from_text('lemma t: "(0::nat) + 1 = 1"')
STATE = ProofState((Goal("proof (prove)\ngoal (1 subgoal):\n 1. 0 + 1 = 1"),))


def overflows(prompt: Prompt, sampling: Sampling) -> list[Completion]:
    raise ContextOverflowError("maximum context length")


@pytest.mark.parametrize(
    ("speech", "note"),
    [
        (says("sorry", "sorry"), "4 of 4 answers of the model were of no use: 4 gave up (sorry)"),
        (says("", ""), "4 of 4 answers of the model were of no use: 4 empty"),
        (overflows, "could not be put to the model, however short: maximum context length"),
    ],
)
async def test_what_a_model_does_not_give_is_noted_and_the_closers_go_on(speech: Speech, note: str) -> None:
    options = LlmOptions(samples=2, batches=2)
    sketching = SketchPolicy(SpeakingModel(speech), IsabelleClosersPolicy(hammer=False), options)
    async with sketching.for_theorem(LEMMA) as policy:
        (proposal,) = await policy.propose([STATE], n=8, seed=0)
        assert proposal.candidates
        assert {candidate.source for candidate in proposal.candidates} == {"automation"}
        assert note in " ".join(notes_of(policy))
