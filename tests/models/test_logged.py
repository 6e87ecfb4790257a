"""The log of a model: what was sent, and what came back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.assembly.models import language_model
from prover.errors import InvalidPolicyError, LanguageModelError
from prover.models.logged import LoggedModel
from prover.models.model import Completion, HasContext, HasNotes, Message, Sampling
from prover.settings import ModelSettings
from tests.policies.models import SpeakingModel, fails, says

TWO = Sampling(n=2, seed=5, stop=("---",))


async def test_every_prompt_has_a_line_with_its_answers(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"model": "earlier"}\n')
    model = LoggedModel(SpeakingModel(says("simp", "∀")), path)
    chat = (Message("system", "be brief"), Message("user", "⊢ p"))
    await model.complete(["⊢ q", "⊢ r"], TWO)
    await model.complete([chat], Sampling(n=1, seed=6))
    _, first, second, third = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert [row["prompt"] for row in (first, second)] == ["⊢ q", "⊢ r"]
    assert [answer["text"] for answer in first["answers"]] == ["simp", "∀"]
    assert (first["sampling"]["seed"], first["sampling"]["stop"]) == (5, ["---"])
    assert third["prompt"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "⊢ p"}]
    assert third["sampling"]["seed"] == 6


async def test_what_failed_is_written_and_raised(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    model = LoggedModel(SpeakingModel(fails), path)
    with pytest.raises(LanguageModelError, match="the model is down"):
        await model.complete(["⊢ q"], TWO)
    (row,) = (json.loads(line) for line in path.read_text().splitlines())
    assert row["error"] == "the model is down"


async def test_model_keeps_its_notes_and_context(tmp_path: Path) -> None:
    class Narrow(SpeakingModel):
        notes = ("no seeds",)
        context = 512

    model = LoggedModel(Narrow(lambda prompt, sampling: [Completion("x", None, 1)]), tmp_path / "log.jsonl")
    assert isinstance(model, HasNotes)
    assert isinstance(model, HasContext)
    assert (model.notes, model.context, await model.identify()) == (("no seeds",), 512, "speaking")


def test_log_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    settings = ModelSettings(url="http://localhost:1", log=tmp_path / "none" / "log.jsonl")
    with pytest.raises(InvalidPolicyError, match=r"log\.jsonl cannot be written"):
        language_model(settings)
