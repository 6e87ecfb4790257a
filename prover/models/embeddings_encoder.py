"""Texts as vectors, by a model behind an HTTP server."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ValidationError

from prover.errors import LanguageModelError


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
