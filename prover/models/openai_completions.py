"""A language model behind any OpenAI-compatible server. Made for vLLM; what others cannot do is done without."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from prover.errors import ContextOverflowError, LanguageModelError
from prover.models.abilities import Abilities
from prover.models.beam import beam_search
from prover.models.model import Completion, Message, Prompt, Sampling, Usage
from prover.models.token_requests import TokenRequests
from prover.models.transport import ATTEMPTS, BrokenError, RefusedError, SharedContextError, Transport
from prover.models.wire import ChatAnswer, Count, Model, Models, TextAnswer
from prover.telemetry import announced

Answer = TypeVar("Answer", bound=BaseModel)

LEAST_ROOM = 32
"""Tokens that an answer must have room for, or as many as were asked for if that is less."""
ALONE = 3  # attempts: requests that were sent before may still be at work
BYTES_A_TOKEN = 3
"""How long a token is guessed to be where the server does not count them."""


def spread(seed: int) -> int:
    """Return the seed to send to servers, in [0, 2^31), far from those of neighbouring seeds.

    vLLM gives the samples of a request the seeds s, s + 1, ... s + n - 1. Seeds 0 and 1 would share 31 of 32
    samples, and a second round or run would be almost useless. The factor is 2^32 over the golden ratio, whose
    multiples stay far apart (Knuth, TAOCP 3, section 6.4).
    """
    return seed * 2_654_435_769 % 2**31


class OpenAICompletions:
    """Client of `/v1/completions` (raw prompts) and `/v1/chat/completions` (chats) on one or several servers."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        model: str | None = None,
        api_key: str | None = None,
        timeout_s: float | None = None,
        concurrency: int = 64,
        attempts: int = ATTEMPTS,
        longest_wait_s: float = 20.0,
        forbidden: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        `timeout_s`: wall time of a request; without one it depends on how long the answer may be. `forbidden`: raise
        instead of sending anything (for tests).
        """
        self._transport = Transport(
            urls,
            api_key=api_key,
            timeout_s=timeout_s,
            concurrency=concurrency,
            attempts=attempts,
            longest_wait_s=longest_wait_s,
            forbidden=forbidden,
        )
        self._model = model
        self._context: int | None = None
        self._abilities = Abilities()
        self._identifying = asyncio.Lock()

    @property
    def identity(self) -> str:
        """The model's name on the server; `unknown` before the first request if none was given."""
        return self._model or "unknown"

    @property
    def usage(self) -> Usage:
        """Total use so far."""
        return self._transport.usage

    @property
    def context(self) -> int | None:
        """Length of the model's context in tokens, if the server reports it."""
        return self._context or None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the server cannot do of what was asked."""
        return tuple(self._abilities.notes)

    async def identify(self) -> str:
        """Ask the server once for its models, check that ours is among them, and return its name.

        Raises:
            LanguageModelError: no server answers, or it has another model.
        """
        async with self._identifying:
            if self._context is None:
                where = ", ".join(endpoint.base for endpoint in self._transport.endpoints.all)
                async with announced(f"the language model at {where}"):
                    served = await self._listed()
                if not served:
                    raise LanguageModelError("the server lists no model; give the name of the one with --model-name")
                chosen = next((model for model in served if model.id == self._model), None)
                if chosen is None and self._model is not None:
                    raise LanguageModelError(
                        f"the server has no model {self._model!r}; it has: {', '.join(model.id for model in served)}"
                    )
                chosen = chosen or served[0]
                self._model, self._context = chosen.id, chosen.length or 0
        return self.identity

    async def _listed(self) -> list[Model]:
        """Return the models that the server lists; the one that was named, if it lists none."""
        try:
            served = (await self._transport.request("GET", "/v1/models", None, Models)).data
        except RefusedError:
            if self._model is None:
                raise
            served = []
        if not served and self._model is not None:
            self._abilities.note(f"the server lists no models: whether it serves {self._model} was not checked")
            return [Model(id=self._model)]
        return served

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return `sampling.n` continuations for each prompt; see LanguageModel."""
        if not prompts:
            return []
        await self.identify()
        if sampling.beam:
            return list(await asyncio.gather(*(self._beam(prompt, sampling) for prompt in prompts)))
        texts = [prompt for prompt in prompts if isinstance(prompt, str)]
        if len(texts) == len(prompts) > 1 and self._abilities.several and self._abilities.lists:
            found = await self._draw(texts, sampling)
            if len(found) == len(prompts) * sampling.n:
                return [found[i * sampling.n : (i + 1) * sampling.n] for i in range(len(prompts))]
        return list(await asyncio.gather(*(self._answers(prompt, sampling) for prompt in prompts)))

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def _answers(self, prompt: Prompt, sampling: Sampling) -> list[Completion]:
        """Return the answers to one prompt, from as many requests as the server needs for them."""
        found: list[Completion] = []
        if self._abilities.several:
            found = await self._draw(prompt, sampling)
        if len(found) < sampling.n and not self._abilities.several:
            one = replace(sampling, n=1)
            wanted = range(len(found), sampling.n)
            others = await asyncio.gather(*(self._draw(prompt, one, offset=i) for i in wanted))
            found += [completion for (completion, *_) in others]
        return found

    async def _draw(self, prompt: Prompt | list[str], sampling: Sampling, *, offset: int = 0) -> list[Completion]:
        """Return the answers to one request, in their order: all that were asked for, or fewer of a lesser server."""
        room = await self._room(prompt, sampling)
        body: dict[str, Any] = {
            "model": self._model,
            "n": sampling.n,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": room,
            "seed": (spread(sampling.seed) + offset) % 2**31,
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }
        if isinstance(prompt, tuple):
            body |= {"messages": [_wire(message) for message in prompt], "logprobs": True}
            answer: ChatAnswer | TextAnswer | None = await self._asked("/v1/chat/completions", body, ChatAnswer)
        else:
            body |= {"prompt": prompt, "logprobs": 1}
            answer = await self._asked("/v1/completions", body, TextAnswer)
        if answer is None:
            return []
        self._transport.count(answer.usage)
        self.usage.completions += len(answer.choices)
        if not isinstance(prompt, list):
            self._abilities.compare(_length(prompt), answer.usage.prompt_tokens)
        wanted = sampling.n * (len(prompt) if isinstance(prompt, list) else 1)
        return self._ordered(answer, wanted)

    def _ordered(self, answer: ChatAnswer | TextAnswer, wanted: int) -> list[Completion]:
        """Return the answers in the order of their indices: the i-th of prompt p has index p·n + i."""
        choices = {choice.index: choice.completion() for choice in answer.choices}
        if any(c.logprob is not None and not math.isfinite(c.logprob) for c in choices.values()):
            raise LanguageModelError("the model gave a log-probability that is no number")
        if not choices or not set(choices) <= set(range(wanted)):
            raise LanguageModelError(f"the model gave {len(choices)} answers where {wanted} were asked for")
        if len(choices) < wanted:
            self._abilities.one_at_a_time()
        return [choices[index] for index in sorted(choices)]

    async def _asked(self, path: str, body: dict[str, Any], expected: type[Answer]) -> Answer | None:
        """Return the answer to a request, without what the server refuses; None if it must be asked in parts."""
        listed = isinstance(body.get("prompt"), list)
        several, alone = body["n"] > 1 or listed, 0
        while True:
            allowed = self._abilities.allowed(body)
            alone += self._transport.in_turns
            try:
                return await self._transport.request("POST", path, allowed, expected)
            except SharedContextError:
                if alone == ALONE and not several:
                    raise
                self._abilities.in_turns()
                self._transport.take_turns()
            except RefusedError as error:
                if not self._abilities.learn(error.reason, allowed):
                    raise
            except BrokenError:
                if not listed:
                    raise
                self._abilities.lists = False  # llama-cpp-python has no words for it
            if (several and not self._abilities.several) or (listed and not self._abilities.lists):
                return None

    async def _room(self, prompt: Prompt | list[str], sampling: Sampling) -> int:
        """Return how many tokens an answer may have.

        Raises:
            ContextOverflowError: the prompt leaves no room for one.
        """
        if not self.context:
            return sampling.max_tokens
        if isinstance(prompt, list):
            return min([await self._room(one, sampling) for one in prompt])
        length = _length(prompt)
        if length + sampling.max_tokens <= self.context:  # no token is shorter than a byte
            return sampling.max_tokens
        tokens = await self._tokens(prompt) or length // BYTES_A_TOKEN
        room = self.context - tokens
        if room < min(LEAST_ROOM, sampling.max_tokens):
            raise ContextOverflowError(
                f"the prompt has {tokens:,} tokens and the model is served with a context of {self.context:,}, which "
                "leaves no room for an answer"
            )
        if room < sampling.max_tokens:
            self._abilities.note(
                f"the model is served with a context of {self.context:,} tokens: there was no room for answers of "
                f"{sampling.max_tokens:,}"
            )
        return min(room, sampling.max_tokens)

    async def _tokens(self, prompt: Prompt) -> int | None:
        """Return the number of tokens of a prompt, if the server counts them (vLLM does)."""
        if "tokenize" in self._abilities.without:
            return None
        asked: dict[str, Any] = (
            {"messages": [_wire(message) for message in prompt]} if isinstance(prompt, tuple) else {"prompt": prompt}
        )
        try:
            return (await self._transport.request("POST", "/tokenize", {"model": self._model, **asked}, Count)).count
        except ContextOverflowError:
            raise
        except LanguageModelError:
            self._abilities.without.add("tokenize")
            return None

    async def _beam(self, prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if not isinstance(prompt, str):
            raise LanguageModelError("beam search continues raw text; this prompt format is a chat")
        tokens = TokenRequests(self._transport, self._abilities, self.identity)
        return await beam_search(tokens, await tokens.tokens_of(prompt), sampling)


def _length(prompt: Prompt) -> int:
    """Return the number of bytes of a prompt."""
    if isinstance(prompt, str):
        return len(prompt.encode())
    return sum(len(message.content.encode()) for message in prompt)


def _wire(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}
