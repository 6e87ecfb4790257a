"""Perplexity of a served model on the solutions of MATH, given their problems: how the paper compares checkpoints.

What is asked, and that it counts by bytes, is the authors': lm_eval/tasks/hendrycks_math_ppl.py. The server repeats the
text with the log-probability of each token (`echo`, as vLLM has it); nothing is sampled that counts.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from prover.bench.mathematics.answers import last_box
from prover.errors import InvalidProblemSetError, LanguageModelError
from prover.models.endpoints import base_of
from prover.models.transport import OVERFLOW

AT_ONCE = 16
TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-probability (nats) of a solution, its tokens and its bytes."""

    logprob: float
    tokens: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Perplexity:
    """Of all solutions that fit: e to the mean of -log-probability, by byte as the authors have it, and by token."""

    by_byte: float
    by_token: float
    solutions: int
    too_long: int


def solutions(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return problem and solution as the authors write them.

    Raises:
        InvalidProblemSetError: a row has none, or a solution without a box.
    """
    return [_written(number, row) for number, row in enumerate(rows)]


def _written(number: int, row: Mapping[str, Any]) -> tuple[str, str]:
    problem, solution = row.get("problem"), row.get("solution")
    if not isinstance(problem, str) or not isinstance(solution, str):
        raise InvalidProblemSetError(
            f"row {number} has no problem and solution; its columns are: {', '.join(sorted(row))}"
        )
    answer = last_box(solution)
    if not answer:
        raise InvalidProblemSetError(f"row {number}: its solution has no box")
    return f"Problem: {problem}\nAnswer:", f" {solution} The answer is \\boxed{{{answer}}}.```"


async def perplexity(
    url: str, model: str, pairs: Sequence[tuple[str, str]], *, api_key: str | None = None, timeout_s: float = TIMEOUT_S
) -> Perplexity:
    """Return the perplexity of the model on what follows each context.

    Raises:
        LanguageModelError: the server cannot be reached, or gives no log-probabilities of a text.
    """
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    transport = httpx.AsyncHTTPTransport(retries=3)
    slots = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(
        base_url=base_of(url), headers=headers, timeout=timeout_s, transport=transport
    ) as client:

        async def one(pair: tuple[str, str]) -> Likelihood | None:
            async with slots:
                return await _likelihood(client, model, *pair)

        found = await asyncio.gather(*map(one, pairs))
    return summarised(found)


def summarised(found: Sequence[Likelihood | None]) -> Perplexity:
    """Return the perplexity over solutions; None is one that was too long. Raises LanguageModelError if all were."""
    known = [each for each in found if each is not None]
    if not known:
        raise LanguageModelError("every solution is too long for the model's context")
    total = -sum(each.logprob for each in known)
    return Perplexity(
        math.exp(total / sum(each.bytes for each in known)),
        math.exp(total / sum(each.tokens for each in known)),
        len(known),
        len(found) - len(known),
    )


async def _likelihood(client: httpx.AsyncClient, model: str, context: str, target: str) -> Likelihood | None:
    """Return the likelihood of the target behind its context; None if both do not fit."""
    body = {
        "model": model, "prompt": context + target, "max_tokens": 1, "temperature": 0.0, "echo": True, "logprobs": 1,
    }  # fmt: skip
    try:
        response = await client.post("/v1/completions", json=body)
    except httpx.HTTPError as error:
        raise LanguageModelError(f"no model server answers at {client.base_url} ({type(error).__name__})") from error
    if response.status_code == 400 and any(words in response.text for words in OVERFLOW):
        return None
    if response.status_code != 200:
        raise LanguageModelError(
            f"the model at {client.base_url} answers {response.status_code}: {response.text[:200]}"
        )
    try:
        logprobs = response.json()["choices"][0]["logprobs"]
        tokens = list(zip(logprobs["text_offset"], logprobs["token_logprobs"], strict=True))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LanguageModelError("the server does not repeat a text with its log-probabilities (vLLM does)") from error
    inside = [value for at, value in tokens if len(context) <= at < len(context + target) and value is not None]
    if not inside:
        raise LanguageModelError("the server does not repeat a text with its log-probabilities (vLLM does)")
    return Likelihood(sum(inside), len(inside), len(target.encode()))
