"""Texts as vectors, for LeanCopilot's `/encode`."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise
from typing import Protocol

import httpx
from pydantic import BaseModel, ValidationError

from prover.errors import LanguageModelError

DIMENSIONS = 1472  # as many as ReProver's retriever has
_WORD = re.compile(r"[^\W\d_][\w']*|\d+|[^\w\s]")


class Encoder(Protocol):
    """A text encoder. Only vectors of the same `identity` are comparable."""

    @property
    def identity(self) -> str:
        """Name and version."""

    async def encode(self, text: str) -> list[float]:
        """Return the vector of a text.

        Raises:
            LanguageModelError: the model cannot be reached or gives an invalid answer.
        """

    async def close(self) -> None:
        """Close its connections."""


class LexicalEncoder:
    """Words and bigrams hashed into a unit vector, so texts that share words are close. Not learned."""

    identity = "lexical@1"

    async def encode(self, text: str) -> list[float]:
        """Return a vector of length 1, or of zeros for a text without words."""
        words = _WORD.findall(text)
        counts = Counter([*words, *(f"{a} {b}" for a, b in pairwise(words))])
        vector = [0.0] * DIMENSIONS
        for feature, count in counts.items():
            number = zlib.crc32(feature.encode())
            vector[number % DIMENSIONS] += math.copysign(1 + math.log(count), (number >> 16 & 1) - 0.5)
        length = math.hypot(*vector)
        return [value / length for value in vector] if length else vector

    async def close(self) -> None:
        """Do nothing: there is no connection."""


class _Embedding(BaseModel):
    embedding: list[float]


class _Embeddings(BaseModel):
    data: list[_Embedding]


class EmbeddingsEncoder:
    """A model behind an OpenAI-compatible `/v1/embeddings`, such as vLLM's."""

    def __init__(self, url: str, model: str, *, api_key: str | None = None, timeout_s: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        base = url.rstrip("/").removesuffix("/v1")
        self._url, self._model = f"{base}/v1/embeddings", model
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout_s)

    @property
    def identity(self) -> str:
        """The model's name."""
        return self._model

    async def encode(self, text: str) -> list[float]:
        """Return the model's vector."""
        try:
            response = await self._client.post(self._url, json={"model": self._model, "input": text})
            response.raise_for_status()
            (found,) = _Embeddings.model_validate_json(response.content).data
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, ValueError) as error:
            raise LanguageModelError(f"the encoder at {self._url} does not answer: {error}") from error
        return found.embedding

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
