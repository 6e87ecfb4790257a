"""`prover doctor` asks a model as a search would: a chat in a conversation, a base model with raw text."""

from __future__ import annotations

from typing import Any

import pytest

from prover.cli.doctor import _model
from prover.settings import ModelSettings
from tests.models.server import Answer, answer, choice, serving


def one_kind(path: str, body: dict[str, Any]) -> Answer:
    """A server of conversations only, like those of chat models that know no raw text."""
    if path != "/v1/chat/completions":
        return 404, {"error": {"message": "This is a chat model and not supported in the v1/completions endpoint"}}
    return answer({"index": 0, "message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"})


@pytest.mark.parametrize(
    ("prompt", "ok", "said"),
    [
        ("kimina", True, "without log-probabilities; prompt format kimina"),
        ("llemma", False, "its model only takes conversations"),
    ],
)
def test_chat_models_are_asked_in_a_conversation(prompt: str, ok: bool, said: str) -> None:
    with serving(one_kind) as server:
        finding = _model(ModelSettings(url=server.url, prompt=prompt))
    assert finding.ok is ok
    assert said in finding.text


def test_base_models_are_asked_with_raw_text() -> None:
    with serving(lambda path, body: answer(choice(0, "4", -0.1))) as server:
        finding = _model(ModelSettings(url=server.url))
    assert finding.ok
    assert "with log-probabilities; prompt format llemma" in finding.text
