"""LeanCopilot's external model API @6073803: its `curl`, its JSON, its numbers."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import httpx
import pytest

from prover.assembly.models import encoder
from prover.models.encoder import DIMENSIONS
from prover.proving.suggest import Suggester
from prover.settings import EncoderSettings
from prover.web.compat import leancopilot
from tests.web.serving import serving

STATE = "a b : Nat\nh : a ≤ b\n⊢ a < b + 1"


async def curl(url: str, body: object) -> Any:
    """Send a request in the way of `LeanCopilot/Models/External.lean`."""
    arguments = ["-X", "POST", url, "-H", "accept: application/json", "-H", "Content-Type: application/json"]
    process = await asyncio.create_subprocess_exec(
        "curl", *arguments, "-s", "-d", json.dumps(body), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)


async def test_its_client_reads_tactics_with_probabilities(url: str) -> None:
    answer = await curl(f"{url}/generate", {"name": "prover", "input": STATE, "prefix": ""})
    outputs = answer["outputs"]
    assert all(output.keys() == {"output", "score"} for output in outputs)
    scores = [output["score"] for output in outputs]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert scores[0] == 1  # it closed the goal when it was tried
    assert len({output["output"] for output in outputs}) == len(outputs)


async def test_the_prefix_may_be_null_or_a_beginning(http: httpx.AsyncClient) -> None:
    for prefix, beginning in ((None, ""), ("om", "om")):
        answer = await http.post("/generate", json={"name": "x", "input": STATE, "prefix": prefix})
        outputs = answer.json()["outputs"]
        assert outputs
        assert all(output["output"].startswith(beginning) for output in outputs)


async def test_several_goals_are_read_as_it_sends_them(http: httpx.AsyncClient) -> None:
    states = "case left\np q : Prop\nhp : p\n⊢ p\n\ncase right\np q : Prop\nhp : p\n⊢ q"
    answer = await http.post("/generate", json={"name": "x", "input": states, "prefix": ""})
    assert answer.json()["outputs"][0]["score"] == 1


async def test_what_was_not_tried_keeps_the_policys_probability(http: httpx.AsyncClient) -> None:
    answer = await http.post("/generate", json={"name": "x", "input": "x : ℝ\n⊢ x + 0 = x", "prefix": ""})
    assert all(0 < output["score"] < 1 for output in answer.json()["outputs"])


async def test_a_goal_of_mathlib_gets_its_tactics_though_no_file_is_sent(http: httpx.AsyncClient) -> None:
    asked = {"name": "m", "input": "x : ℝ\nh : 0 < x\n⊢ 0 < x ^ 2", "prefix": ""}
    outputs = (await http.post("/generate", json=asked)).json()["outputs"]
    assert "positivity" in [each["output"] for each in outputs[:4]]
    assert all(0 < each["score"] <= 1 for each in outputs)


async def test_texts_become_vectors_that_are_near_when_they_share_words(url: str) -> None:
    texts = ("a b : Nat ⊢ a + b = b + a", "c b : Nat ⊢ c + b = b + c", "s : String ⊢ s.isEmpty")
    first, near, far = [(await curl(f"{url}/encode", {"name": "x", "input": text}))["outputs"] for text in texts]
    assert len(first) == DIMENSIONS
    assert math.isclose(math.hypot(*first), 1)
    assert sum(map(float.__mul__, first, near)) > sum(map(float.__mul__, first, far)) + 0.2


async def test_the_answer_says_which_encoder_made_the_vector(http: httpx.AsyncClient) -> None:
    response = await http.post("/encode", json={"name": "x", "input": ""})
    assert response.headers["X-Encoder"] == "lexical@1"
    assert set(response.json()["outputs"]) == {0.0}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/generate", {}, "name"),
        ("/generate", {"name": "x"}, "input"),
        ("/generate", {"name": "x", "input": "", "prefix": ""}, "input"),
        ("/generate", {"name": "x", "input": "no goal", "prefix": ""}, "no goal"),
        ("/generate", {"name": "x", "input": STATE, "prefix": 3}, "prefix"),
        ("/generate", [], ""),
        ("/encode", {"name": "x"}, "input"),
        ("/encode", {"input": "x"}, "name"),
        ("/encode", {"name": "x", "input": None}, "input"),
        ("/encode", {"name": "x", "input": "x" * 100_001}, "input"),
    ],
)
async def test_bad_input_is_explained(http: httpx.AsyncClient, path: str, body: Any, said: str) -> None:
    response = await http.post(path, json=body)
    assert response.status_code == 422
    assert response.json().keys() == {"detail"}
    assert said in response.json()["detail"]


async def test_an_encoder_that_is_down_is_503_with_an_explanation(suggester: Suggester) -> None:
    down = encoder(EncoderSettings(url="http://127.0.0.1:9"))
    async with serving(leancopilot.router(suggester, down)) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.post("/encode", json={"name": "x", "input": "y"})
    await down.close()
    assert response.status_code == 503
    assert "does not answer" in response.json()["detail"]
