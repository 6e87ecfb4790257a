"""Requests to model servers: to whichever is up, again if that may help, and what their refusals mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from prover.errors import ContextOverflowError, LanguageModelError, ModelUnavailableError
from prover.models.endpoints import Endpoint, Endpoints
from prover.models.model import Usage
from prover.models.wire import TokenUsage

Answer = TypeVar("Answer", bound=BaseModel)

OVERFLOW = (
    "context length",
    "context_length",
    "context size",
    "context window",
    "exceed_context",
    "maximum model length",
    "max_model_len",
    "too many tokens",
    "inputs` tokens",
)
"""How servers say that a prompt does not fit; there is no common error code."""

NO_TEXT = "its model does not answer: it may be one for embeddings; serve one that generates text"

ADVICE = (
    (
        "chat template",
        "its model has no chat template: choose a format of raw text with --prompt, or serve it with one",
    ),
    (
        "chat model",
        "its model only takes conversations: choose a format that is a chat with --prompt, or --policy agent",
    ),
    ("does not support", NO_TEXT),
    ("embedding", NO_TEXT),
    ("encoder-decoder", "give an encoder-decoder as --model transformers:NAME"),
)
"""What a server says of a model that cannot be used like this, and what helps."""

ENLARGE = "; serve it with a larger one (llama.cpp: --ctx-size) or for fewer requests at once (--parallel)"

NEVER = 501
"""Not implemented: llama.cpp says so of what a model for embeddings cannot do. Asking again does not help."""

CONNECT_S = 10.0
ATTEMPTS = 4
ANSWER_S = 120.0
TOKENS_A_SECOND = 20.0
"""Without a limit of one's own, a request may take `ANSWER_S` and as long as its tokens take at this pace."""


class RefusedError(LanguageModelError):
    """The server refuses a request for what is in it; `reason` is what it says."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


class BrokenError(LanguageModelError):
    """The server answers 500 whenever it is asked: it may not be able to do what the request asks for."""


class SharedContextError(RefusedError):
    """Answers that are written at once do not fit into the server's context together."""


class Transport:
    """Sends requests to one or several servers of the same model.

    A request that fails for now (no connection, time-out, 429, 5xx) is retried, on another server if there is one.
    After one that failed for good, requests are sent only once until a server answers: an outage is waited for once,
    and not by every request. Cancelling a request closes its connection, and vLLM stops generating for it.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api_key: str | None,
        timeout_s: float | None,
        concurrency: int,
        attempts: int,
        longest_wait_s: float,
        forbidden: bool,
    ) -> None:
        self.endpoints = Endpoints(urls)
        self.usage = Usage()
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(concurrency)
        self._attempts = attempts
        self._longest_wait_s = longest_wait_s
        self._forbidden = forbidden
        self.in_turns = False
        self._out = False
        self._client: httpx.AsyncClient | None = None

    def take_turns(self) -> None:
        """Send one request at a time from now on."""
        if not self.in_turns:
            self._slots, self.in_turns = asyncio.Semaphore(1), True

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def request(self, method: str, path: str, body: dict[str, Any] | None, expected: type[Answer]) -> Answer:
        """Return the answer to a request.

        Raises:
            RefusedError: the server does not do what the request asks for.
            ModelUnavailableError: no server can answer now.
            LanguageModelError: the answer is not what was expected, or the server fails whenever it is asked.
            ContextOverflowError: prompt and answer do not fit.
        """
        if self._forbidden:
            raise LanguageModelError("calls of a language model are forbidden here (PROVER_MODEL__FORBIDDEN)")
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_CannotNowError),
            stop=stop_after_attempt(1 if self._out else self._attempts),
            wait=_patiently(self._longest_wait_s),
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    self.usage.retries += attempt.retry_state.attempt_number > 1
                    answer = await self._once(method, path, body, expected)
                    self._out = False
                    return answer
        except _CannotNowError as error:
            self._out = error.away
            kind = BrokenError if error.broken else ModelUnavailableError if error.away else LanguageModelError
            raise kind(str(error)) from error
        raise AssertionError("tenacity returns or raises")

    def count(self, used: TokenUsage) -> None:
        """Add the tokens of an answer to the use."""
        self.usage.prompt_tokens += used.prompt_tokens
        self.usage.completion_tokens += used.completion_tokens

    def _timeout(self, body: dict[str, Any] | None) -> httpx.Timeout:
        seconds = self._timeout_s or ANSWER_S + (body or {}).get("max_tokens", 0) / TOKENS_A_SECOND
        return httpx.Timeout(seconds, connect=min(CONNECT_S, seconds), pool=None)

    async def _once(self, method: str, path: str, body: dict[str, Any] | None, expected: type[Answer]) -> Answer:
        if self._client is None:
            self._client = httpx.AsyncClient(headers=self.headers, limits=httpx.Limits(max_connections=None))
        async with self._slots:
            endpoint = self.endpoints.next()
            endpoint.at_work += 1
            started = time.monotonic()
            try:
                response = await self._client.request(
                    method, endpoint.base + path, json=body, timeout=self._timeout(body)
                )
            except httpx.TimeoutException as error:
                self.endpoints.failed(endpoint)
                away = isinstance(error, httpx.ConnectTimeout)  # else it may be this request that takes so long
                raise _CannotNowError(f"the model at {endpoint.base} did not answer in time", away=away) from error
            except httpx.TransportError as error:
                self.endpoints.failed(endpoint)
                raise _CannotNowError(
                    f"no model server answers at {endpoint.base} ({error or type(error).__name__}); is it running?"
                ) from error
            finally:
                endpoint.at_work -= 1
                self.usage.requests += 1
                self.usage.seconds += time.monotonic() - started
        return self._read(response, endpoint, expected)

    def _read(self, response: httpx.Response, endpoint: Endpoint, expected: type[Answer]) -> Answer:
        if response.status_code == 500 and _overflows(reason := _reason(response)):  # llama.cpp
            raise SharedContextError(f"the model at {endpoint.base} has too little context: {reason}{ENLARGE}", reason)
        if response.status_code == 500 and "not supported" in _reason(response):  # llama-cpp-python
            raise _refusal(response, endpoint)
        if response.status_code in {408, 429} or (response.status_code >= 500 and response.status_code != NEVER):
            self.endpoints.failed(endpoint)
            raise _CannotNowError(
                f"the model at {endpoint.base} answers {response.status_code}: {_reason(response)}",
                wait_s=_retry_after(response),
                broken=response.status_code == 500,
            )
        self.endpoints.answered(endpoint)
        if response.status_code in {401, 403}:
            raise LanguageModelError(f"the model at {endpoint.base} refuses the key; set PROVER_MODEL__API_KEY")
        if response.status_code >= 400:
            raise _refusal(response, endpoint)
        try:
            return expected.model_validate_json(response.content)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise _CannotNowError(
                f"the model at {endpoint.base} answers nonsense: {place + ': ' if place else ''}{problem['msg']}",
                away=False,
            ) from error


class _CannotNowError(Exception):
    """A temporary failure; `wait_s`: how long the server asks to wait.

    `broken`: it answered, with 500. `away`: it cannot be reached, or says itself that it cannot answer now.
    """

    def __init__(self, text: str, *, wait_s: float | None = None, broken: bool = False, away: bool = True) -> None:
        super().__init__(text)
        self.wait_s = wait_s
        self.broken = broken
        self.away = away and not broken


def _refusal(response: httpx.Response, endpoint: Endpoint) -> LanguageModelError:
    """Return the error for a request that will not be answered, with what helps where that is known."""
    reason = _reason(response)
    said = reason.lower()
    if response.status_code != 404 and _overflows(reason):
        return ContextOverflowError(f"the model at {endpoint.base} refuses the request: {reason}")
    advice = next((f"; {helps}" for words, helps in ADVICE if words in said), "")
    if response.status_code == 404:
        path = response.request.url.path
        if path.endswith("/v1/models"):
            advice = "; give the address of an OpenAI-compatible server, up to /v1"
        elif path.endswith("/completions") and not advice:
            others = "raw text" if path.endswith("/chat/completions") else "conversations"
            advice = f"; its model may be one for embeddings, or take {others} only: --prompt chooses such a format"
        return RefusedError(f"{response.request.url} does not exist: {reason}{advice}", reason)
    return RefusedError(f"the model at {endpoint.base} refuses the request: {reason}{advice}", reason)


def _overflows(reason: str) -> bool:
    return any(words in reason.lower() for words in OVERFLOW)


def _patiently(longest_s: float) -> Any:
    """Wait as long as the server asks, else exponentially longer with jitter."""
    growing = wait_random_exponential(multiplier=0.5, max=longest_s)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        said = error.wait_s if isinstance(error, _CannotNowError) else None
        return min(said, longest_s) if said is not None else float(growing(state))

    return wait


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
