"""A language model whose answers are cached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.models.wrapping import WrappedModel
from prover.storage.cache import Cache, key_of

KIND = "completions"


class CachedModel(WrappedModel):
    """Caches completions by model, prompt and sampling; the same seed gives the same samples."""

    def __init__(self, model: LanguageModel, cache: Cache) -> None:
        super().__init__(model)
        self._cache = cache

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
