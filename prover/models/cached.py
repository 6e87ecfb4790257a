"""A language model whose answers are cached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from prover.models.model import Completion, LanguageModel, Prompt, Sampling, Usage, context_of_model, notes_of_model
from prover.storage.cache import Cache, key_of

KIND = "completions"


class CachedModel:
    """Caches completions by model, prompt and sampling; the same seed gives the same samples."""

    def __init__(self, model: LanguageModel, cache: Cache) -> None:
        self._model = model
        self._cache = cache

    @property
    def identity(self) -> str:
        """The model's."""
        return self._model.identity

    @property
    def usage(self) -> Usage:
        """What was asked of the model itself, without what came from the cache."""
        return self._model.usage

    @property
    def context(self) -> int | None:
        """The model's."""
        return context_of_model(self._model)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model's server could not do."""
        return notes_of_model(self._model)

    async def identify(self) -> str:
        """Return the model's name; see LanguageModel."""
        return await self._model.identify()

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return continuations, those of known prompts from the cache; see LanguageModel."""
        name = await self._model.identify()
        keys = [key_of(KIND, name, _plain(prompt), asdict(sampling)) for prompt in prompts]
        found = [_read(data) for data in await self._cache.get_many(keys)]
        missing = [i for i, completions in enumerate(found) if completions is None]
        if missing:
            answers = await self._model.complete([prompts[i] for i in missing], sampling)
            await self._cache.set_many({keys[i]: _write(answer) for i, answer in zip(missing, answers, strict=True)})
            for i, answer in zip(missing, answers, strict=True):
                found[i] = answer
        return [completions or [] for completions in found]

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


def _plain(prompt: Prompt) -> object:
    return prompt if isinstance(prompt, str) else [[message.role, message.content] for message in prompt]


def _write(completions: list[Completion]) -> bytes:
    return json.dumps([[c.text, c.logprob, c.tokens, c.finished] for c in completions], ensure_ascii=False).encode()


def _read(data: bytes | None) -> list[Completion] | None:
    if data is None:
        return None
    try:
        return [Completion(str(text), logprob, int(tokens), bool(ok)) for text, logprob, tokens, ok in json.loads(data)]
    except (ValueError, TypeError):
        return None
