from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from prover.assembly.models import encoder
from prover.errors import LanguageModelError
from prover.models.encoder import DIMENSIONS, LexicalEncoder
from prover.settings import EncoderSettings
from tests.web.serving import serving

Behaviour = Callable[[dict[str, Any], str | None], JSONResponse]


@asynccontextmanager
async def embeddings(behaviour: Behaviour) -> AsyncIterator[str]:
    routes = APIRouter()

    @routes.post("/v1/embeddings", response_model=None)
    async def embed(request: Request) -> JSONResponse:
        return behaviour(await request.json(), request.headers.get("authorization"))

    async with serving(routes) as url:
        yield url


@given(st.text())
async def test_words_give_a_vector_of_length_one_always_the_same(text: str) -> None:
    vector = await LexicalEncoder().encode(text)
    assert len(vector) == DIMENSIONS
    assert vector == await LexicalEncoder().encode(text)
    assert math.isclose(math.hypot(*vector), 1) or not any(vector)


async def test_without_a_server_words_are_counted() -> None:
    assert encoder(EncoderSettings()).identity == "lexical@1"


async def test_a_server_with_embeddings_is_asked() -> None:
    def behaviour(body: dict[str, Any], key: str | None) -> JSONResponse:
        assert (body, key) == ({"model": "e5", "input": "⊢ True"}, "Bearer secret")
        return JSONResponse({"object": "list", "data": [{"index": 0, "embedding": [0.5, -1, 2]}]})

    async with embeddings(behaviour) as url:
        asked = encoder(EncoderSettings(url=f"{url}/v1", name="e5", api_key=SecretStr("secret")))
        assert (asked.identity, await asked.encode("⊢ True")) == ("e5", [0.5, -1.0, 2.0])
        await asked.close()


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"error": "no"}, 500),
        JSONResponse({"data": []}),
        JSONResponse({"data": [{"embedding": ["x"]}]}),
        JSONResponse([]),
    ],
    ids=["500", "none", "no numbers", "no object"],
)
async def test_what_is_no_vector_is_a_failed_model(answer: JSONResponse) -> None:
    async with embeddings(lambda *_: answer) as url:
        asked = encoder(EncoderSettings(url=url))
        with pytest.raises(LanguageModelError, match="does not answer"):
            await asked.encode("x")
        await asked.close()


async def test_a_server_that_is_not_there_is_a_failed_model() -> None:
    asked = encoder(EncoderSettings(url="http://127.0.0.1:9"))
    with pytest.raises(LanguageModelError, match="does not answer"):
        await asked.encode("x")
    await asked.close()
