"""Answers in the style of every family go the whole way: asked, read, corrected or drawn afresh, verified."""

from __future__ import annotations

import pytest

from benchmarks.recorded_answers import RECORDED, replay
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.families import FAMILIES, Family

WITH_LEMMA = tuple(recorded for recorded in RECORDED if recorded.lemma)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
async def test_recorded_answers_of_a_family_prove(lean: LeanWasmEnvironment, family: Family) -> None:
    found = await replay(family, lean, WITH_LEMMA)
    assert found["proved"] == found["theorems"] == len(WITH_LEMMA)
    assert found["corrected"] == (len(WITH_LEMMA) if family.prompt.corrects else 0)
    assert found["requests twice"] == found["header missing"] == 0
