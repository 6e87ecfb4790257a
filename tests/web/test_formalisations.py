"""Words to statements over real HTTP, with the real app, the real Lean, and a model that says what a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import ContextOverflowError
from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.proving.formalise import Formaliser
from prover.web.routes import formalisations
from tests.e2e.conftest import serving, shared_redis
from tests.e2e.redis_server import RedisServer
from tests.policies.models import SpeakingModel, fails

__all__ = ["shared_redis"]
SUM = "theorem even_sum (a b : Nat) (ha : a % 2 = 0) (hb : b % 2 = 0) : (a + b) % 2 = 0"
WORDS = {"problem": "The sum of two even numbers is even.", "samples": 3, "sketches": 2}


def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
    if "Sketch in Lean 4" in str(prompt).rsplit("Problem:", 1)[-1]:
        texts = ["have h : a = what := by sorry\nsorry", "omega", "sorry \x07"]
    else:
        texts = [f"{SUM} := by sorry", "theorem even_sum : even", SUM]
    return [Completion(text, -1.0, 9) for text in texts]


@asynccontextmanager
async def stating(
    redis: RedisServer, lean: LeanWasmEnvironment, model: LanguageModel | None
) -> AsyncIterator[httpx.AsyncClient]:
    formaliser = Formaliser(lean, model, language="lean", read=Theorem.from_text)
    router = formalisations.router(formaliser, reading_s=60.0)
    async with serving(redis.url, "formalising", workers=0, routers=(router,)) as api:
        yield api.client


async def ask(client: httpx.AsyncClient, **members: Any) -> httpx.Response:
    return await client.post("/v1/formalisations", json=WORDS | members)


async def test_statement_and_sketches_come_checked(shared_redis: RedisServer, lean: LeanWasmEnvironment) -> None:
    async with stating(shared_redis, lean, SpeakingModel(speak)) as client:
        response = await ask(client, solution="Halve both.")
        description = (await client.get("/openapi.json")).json()
    assert response.status_code == 200, response.text
    found = response.json()
    assert found["best"]["statement"] == SUM
    assert found["best"]["times"] == 2
    assert found["best"]["state"].endswith("⊢ (a + b) % 2 = 0")
    assert [sketch["problem"] is None for sketch in found["best"]["sketches"]] == [True, False, False]
    assert [statement["problem"] is None for statement in found["statements"]] == [True, False]
    assert found["environment"] == lean.identity
    validate(description)
    assert "post" in description["paths"]["/v1/formalisations"]


async def test_nothing_usable_is_an_answer(shared_redis: RedisServer, lean: LeanWasmEnvironment) -> None:
    model = SpeakingModel(lambda *_: [Completion("I cannot do this.", -1.0, 9)])
    async with stating(shared_redis, lean, model) as client:
        found = (await ask(client)).json()
    assert (found["best"], found["statements"]) == (None, [])


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"problem": ""}, "problem"), ({"problem": " \n"}, "problem"), ({"problem": "a\x00"}, "problem"),
        ({"problem": 1}, "problem"), ({"samples": 1000}, "samples"), ({"rounds": 0}, "rounds"),
        ({"timeout_s": 1e9}, "timeout_s"), ({"environment": "isabelle"}, "environment"), ({"what": 1}, "what"),
        ({"temperature": -1}, "temperature"),
    ],
)  # fmt: skip
async def test_bad_members_are_named(
    shared_redis: RedisServer, lean: LeanWasmEnvironment, members: dict[str, Any], place: str
) -> None:
    async with stating(shared_redis, lean, SpeakingModel(fails)) as client:
        refused = await ask(client, **members)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["errors"][0]["place"] == ["body", place]


async def test_half_characters_are_refused(shared_redis: RedisServer, lean: LeanWasmEnvironment) -> None:
    async with stating(shared_redis, lean, SpeakingModel(speak)) as client:
        headers = {"Content-Type": "application/json"}
        refused = await client.post("/v1/formalisations", content=b'{"problem": "\\ud800"}', headers=headers)
    assert refused.status_code == 422


def too_long(prompt: Prompt, sampling: Sampling) -> list[Completion]:
    raise ContextOverflowError("the model reads 512 tokens")


@pytest.mark.parametrize(
    ("model", "status", "kind"),
    [
        (None, 422, "urn:prover:no-model"),
        (SpeakingModel(fails), 503, "urn:prover:model-unavailable"),
        (SpeakingModel(too_long), 422, "urn:prover:beyond-model"),
    ],
)
async def test_model_that_is_not_there_is_said(
    shared_redis: RedisServer, lean: LeanWasmEnvironment, model: LanguageModel | None, status: int, kind: str
) -> None:
    async with stating(shared_redis, lean, model) as client:
        refused = await ask(client)
    assert (refused.status_code, refused.json()["type"]) == (status, kind)
    assert "Traceback" not in refused.text
