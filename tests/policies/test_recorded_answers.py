"""Answers in the style of every family go the whole way: asked, read, corrected or drawn afresh, verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recorded_answers import REQUESTS, WITH_LEMMA, Replaying, replay
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.families import FAMILIES, Family

every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def shipped(family: Family) -> list[dict[str, Any]]:
    """The recorded run of a family."""
    name = Replaying(family, WITH_LEMMA[0]).identity
    rows = [json.loads(line) for line in REQUESTS.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["model"] == name]


@every_family
async def test_recorded_answers_of_a_family_prove(lean: LeanWasmEnvironment, family: Family, tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    found = await replay(family, lean, WITH_LEMMA, log=log)
    assert found["proved"] == found["theorems"] == len(WITH_LEMMA)
    assert found["corrected"] == (len(WITH_LEMMA) if family.prompt.corrects else 0)
    assert found["requests twice"] == found["header missing"] == 0
    assert found["unread"] == (len(WITH_LEMMA) if family.endpoint == "chat" and family.prompt.whole_proof else 0)
    assert [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] == shipped(family)


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.prompt.corrects], ids=lambda family: family.name)
def test_recorded_run_shows_other_prompts_and_seeds_in_its_second_round(family: Family) -> None:
    first, second, *_ = rounds = shipped(family)
    assert len({row["sampling"]["seed"] for row in rounds}) == len(rounds)
    before, after = first["prompt"], second["prompt"]
    assert after[: len(before)] == before
    assert [message["role"] for message in after[len(before) :]] == ["assistant", "user"]
    assert after[-2]["content"].removesuffix("</sketch>") == first["answers"][0]["text"]
    assert "`rfl` failed" in after[-1]["content"]  # what Lean said of the first answer
    assert second["sampling"]["n"] == family.corrections


@pytest.mark.parametrize(
    "family",
    [one for one in FAMILIES if one.prompt.whole_proof and not one.prompt.corrects],
    ids=lambda family: family.name,
)
def test_recorded_run_of_others_shows_the_same_prompt_with_other_seeds(family: Family) -> None:
    first, second, *_ = rounds = shipped(family)
    assert first["prompt"] == second["prompt"]
    assert len({row["sampling"]["seed"] for row in rounds}) == len(rounds)
