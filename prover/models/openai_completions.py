"""A language model behind any OpenAI-compatible server. Made for vLLM."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from prover.errors import ContextOverflowError, LanguageModelError
from prover.models.beam import beam_search
from prover.models.endpoints import Endpoint, Endpoints
from prover.models.model import Completion, Message, Prompt, Sampling, Usage
from prover.models.wire import ChatAnswer, Detokenized, Models, TextAnswer, Tokens
from prover.telemetry import announced

Answer = TypeVar("Answer", bound=BaseModel)

OVERFLOW = ("context length", "context_length", "maximum model length", "max_model_len", "too many tokens")
"""How servers say that a prompt does not fit; there is no common error code."""

CONNECT_S = 10.0
ATTEMPTS = 4


def spread(seed: int) -> int:
    """Return the seed to send to servers, in [0, 2^31), far from those of neighbouring seeds.

    vLLM gives the samples of a request the seeds s, s + 1, ... s + n - 1. Seeds 0 and 1 would share 31 of 32
    samples, and a second round or run would be almost useless. The factor is 2^32 over the golden ratio, whose
    multiples stay far apart (Knuth, TAOCP 3, section 6.4).
    """
    return seed * 2_654_435_769 % 2**31


class OpenAICompletions:
    """Client of `/v1/completions` (raw prompts) and `/v1/chat/completions` (chats) on one or several servers.

    A request that fails for now (no connection, time-out, 429, 5xx) is retried, on another server if there is one.
    Cancelling a request closes its connection, and vLLM stops generating for it.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        model: str | None = None,
        api_key: str | None = None,
        timeout_s: float = 120.0,
        concurrency: int = 64,
        attempts: int = ATTEMPTS,
        longest_wait_s: float = 20.0,
        forbidden: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet. `forbidden`: raise instead of sending anything (for tests)."""
        self._endpoints = Endpoints(urls)
        self._model = model
        self._context: int | None = None
        self._timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s), pool=None)
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._slots = asyncio.Semaphore(concurrency)
        self._attempts = attempts
        self._longest_wait_s = longest_wait_s
        self._forbidden = forbidden
        self._client: httpx.AsyncClient | None = None
        self._identifying = asyncio.Lock()
        self.usage = Usage()

    @property
    def identity(self) -> str:
        """The model's name on the server; `unknown` before the first request if none was given."""
        return self._model or "unknown"

    @property
    def context(self) -> int | None:
        """Length of the model's context in tokens, if the server reports it."""
        return self._context or None

    async def identify(self) -> str:
        """Ask the server once for its models, check that ours is among them, and return its name.

        Raises:
            LanguageModelError: no server answers, or it has another model.
        """
        async with self._identifying:
            if self._context is None:
                where = ", ".join(endpoint.base for endpoint in self._endpoints.all)
                async with announced(f"the language model at {where}"):
                    served = (await self._request("GET", "/v1/models", None, Models)).data
                if not served:
                    raise LanguageModelError("the server serves no model")
                chosen = next((model for model in served if model.id == self._model), None)
                if chosen is None and self._model is not None:
                    raise LanguageModelError(
                        f"the server has no model {self._model!r}; it has: {', '.join(model.id for model in served)}"
                    )
                chosen = chosen or served[0]
                self._model, self._context = chosen.id, chosen.max_model_len or 0
        return self.identity

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return `sampling.n` continuations for each prompt; see LanguageModel."""
        if not prompts:
            return []
        await self.identify()
        if sampling.beam:
            return list(await asyncio.gather(*(self._beam(prompt, sampling) for prompt in prompts)))
        texts = [prompt for prompt in prompts if isinstance(prompt, str)]
        if len(texts) == len(prompts):
            return await self._continue(texts, sampling)
        return list(await asyncio.gather(*(self._answer(prompt, sampling) for prompt in prompts)))

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _continue(self, prompts: list[str], sampling: Sampling) -> list[list[Completion]]:
        body = {"prompt": prompts if len(prompts) > 1 else prompts[0], "logprobs": 1, **self._sampled(sampling)}
        answer = await self._request("POST", "/v1/completions", body, TextAnswer)
        self._count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
        choices = {choice.index: choice.completion() for choice in answer.choices}
        return _grouped(choices, len(prompts), sampling.n)

    async def _answer(self, prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if isinstance(prompt, str):
            return (await self._continue([prompt], sampling))[0]
        body = {"messages": [_wire(message) for message in prompt], "logprobs": True, **self._sampled(sampling)}
        answer = await self._request("POST", "/v1/chat/completions", body, ChatAnswer)
        self._count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
        return _grouped({choice.index: choice.completion() for choice in answer.choices}, 1, sampling.n)[0]

    def _sampled(self, sampling: Sampling) -> dict[str, Any]:
        return {
            "model": self._model,
            "n": sampling.n,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": spread(sampling.seed),
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }

    async def _beam(self, prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if not isinstance(prompt, str):
            raise LanguageModelError("beam search continues raw text; this prompt format is a chat")
        tokens = (await self._request("POST", "/tokenize", {"model": self._model, "prompt": prompt}, Tokens)).tokens
        return await beam_search(self, tokens, sampling)

    async def next_tokens(self, sequences: Sequence[Sequence[int]], count: int) -> list[dict[int, float]]:
        """Return the `count` likeliest next tokens of each sequence with their log-probabilities; see beam.py."""
        body = {
            "model": self._model,
            "prompt": [list(sequence) for sequence in sequences],
            "max_tokens": 1,
            "temperature": 0.0,
            "logprobs": count,
            "return_tokens_as_token_ids": True,
        }
        answer = await self._request("POST", "/v1/completions", body, TextAnswer)
        self._count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
        found: list[dict[int, float]] = []
        for choice in sorted(answer.choices, key=lambda choice: choice.index):
            tops = (choice.logprobs and choice.logprobs.top_logprobs) or []
            if not tops or tops[0] is None or not all(token.startswith("token_id:") for token in tops[0]):
                raise LanguageModelError("the server cannot do beam search: it tells no token ids (vLLM does)")
            found.append({int(token.removeprefix("token_id:")): logprob for token, logprob in tops[0].items()})
        return found

    async def text_of(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""
        body = {"model": self._model, "tokens": list(tokens)}
        return (await self._request("POST", "/detokenize", body, Detokenized)).prompt

    def _count(self, prompt_tokens: int, completion_tokens: int) -> None:
        self.usage.prompt_tokens += prompt_tokens
        self.usage.completion_tokens += completion_tokens

    async def _request(self, method: str, path: str, body: dict[str, Any] | None, expected: type[Answer]) -> Answer:
        if self._forbidden:
            raise LanguageModelError("calls of a language model are forbidden here (PROVER_MODEL__FORBIDDEN)")
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_CannotNowError),
            stop=stop_after_attempt(self._attempts),
            wait=_patiently(self._longest_wait_s),
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    self.usage.retries += attempt.retry_state.attempt_number > 1
                    return await self._request_once(method, path, body, expected)
        except _CannotNowError as error:
            raise LanguageModelError(str(error)) from error
        raise AssertionError("tenacity returns or raises")

    async def _request_once(
        self, method: str, path: str, body: dict[str, Any] | None, expected: type[Answer]
    ) -> Answer:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self._timeout, headers=self._headers, limits=httpx.Limits(max_connections=None)
            )
        async with self._slots:
            endpoint = self._endpoints.next()
            endpoint.at_work += 1
            started = time.monotonic()
            try:
                response = await self._client.request(method, endpoint.base + path, json=body)
            except httpx.TimeoutException as error:
                self._endpoints.failed(endpoint)
                raise _CannotNowError(f"the model at {endpoint.base} did not answer in time") from error
            except httpx.TransportError as error:
                self._endpoints.failed(endpoint)
                raise _CannotNowError(
                    f"no model server answers at {endpoint.base} ({error or type(error).__name__}); is it running?"
                ) from error
            finally:
                endpoint.at_work -= 1
                self.usage.requests += 1
                self.usage.seconds += time.monotonic() - started
        return self._read(response, endpoint, expected)

    def _read(self, response: httpx.Response, endpoint: Endpoint, expected: type[Answer]) -> Answer:
        if response.status_code in {408, 429} or response.status_code >= 500:
            self._endpoints.failed(endpoint)
            raise _CannotNowError(
                f"the model at {endpoint.base} answers {response.status_code}: {_reason(response)}",
                wait_s=_retry_after(response),
            )
        self._endpoints.answered(endpoint)
        if response.status_code in {401, 403}:
            raise LanguageModelError(f"the model at {endpoint.base} refuses the key; set PROVER_MODEL__API_KEY")
        if response.status_code == 404:
            raise LanguageModelError(f"{response.request.url} does not exist: {_reason(response)}")
        if response.status_code >= 400:
            reason = _reason(response)
            kind = ContextOverflowError if any(words in reason for words in OVERFLOW) else LanguageModelError
            raise kind(f"the model at {endpoint.base} refuses the request: {reason}")
        try:
            return expected.model_validate_json(response.content)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise _CannotNowError(
                f"the model at {endpoint.base} answers nonsense: {place + ': ' if place else ''}{problem['msg']}"
            ) from error


class _CannotNowError(Exception):
    """A temporary failure; `wait_s`: how long the server asks to wait."""

    def __init__(self, text: str, *, wait_s: float | None = None) -> None:
        super().__init__(text)
        self.wait_s = wait_s


def _patiently(longest_s: float) -> Any:
    """Wait as long as the server asks, else exponentially longer with jitter."""
    growing = wait_random_exponential(multiplier=0.5, max=longest_s)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        said = error.wait_s if isinstance(error, _CannotNowError) else None
        return min(said, longest_s) if said is not None else float(growing(state))

    return wait


def _wire(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}


def _grouped(choices: dict[int, Completion], prompts: int, n: int) -> list[list[Completion]]:
    """Choices of a batch come flat: the i-th of prompt p has index p·n + i."""
    if set(choices) != set(range(prompts * n)):
        raise LanguageModelError(f"the model gave {len(choices)} answers where {prompts} × {n} were asked for")
    if any(c.logprob is not None and not math.isfinite(c.logprob) for c in choices.values()):
        raise LanguageModelError("the model gave a log-probability that is no number")
    return [[choices[p * n + i] for i in range(n)] for p in range(prompts)]


def _reason(response: httpx.Response) -> str:
    """Return the server's error text: in OpenAI's form, vLLM's, or the beginning of the body."""
    try:
        data = response.json()
    except ValueError:
        data = None
    if isinstance(data, dict):
        inner = data.get("error", data)
        said = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
        if said:
            return str(said)[:500]
    return " ".join(response.text.split())[:200] or response.reason_phrase


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):  # none, or a date
        return None
