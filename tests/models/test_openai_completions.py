"""The client of model servers: what it asks, how it reads answers, and what it makes of failures."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from prover.errors import ContextOverflowError, LanguageModelError, ModelUnavailableError
from prover.models.endpoints import Endpoints, base_of
from prover.models.model import Message, Sampling
from prover.models.openai_completions import OpenAICompletions, spread
from tests.models.server import Answer, answer, choice, serving, slowly

TWO = Sampling(n=2, temperature=0.7, top_p=0.9, max_tokens=9, stop=("---",), seed=5)


def two(path: str, body: dict[str, Any]) -> Answer:
    return answer(choice(1, "simp", -0.5, -1.0), choice(0, "omega", -0.25))


@asynccontextmanager
async def client(*urls: str, **options: Any) -> AsyncIterator[OpenAICompletions]:
    model = OpenAICompletions(urls, **{"longest_wait_s": 0.01, "timeout_s": 5.0} | options)
    try:
        yield model
    finally:
        await model.close()


def test_neighbouring_seeds_are_far_apart_on_the_wire() -> None:
    wire = sorted(spread(seed) for seed in range(2000))
    assert 0 <= wire[0] <= wire[-1] < 2**31
    assert min(after - before for before, after in itertools.pairwise(wire)) > 2**16  # more than one asks for at once


async def test_samples_come_in_order_with_their_logprobs_summed() -> None:
    with serving(two) as server:
        async with client(server.url + "/v1") as model:
            (completions,) = await model.complete(["goal"], TWO)
            assert model.identity == "tiny"
            assert model.context == 512
    assert [(c.text, c.logprob, c.tokens) for c in completions] == [("omega", -0.25, 1), ("simp", -1.5, 2)]
    assert completions[1].mean_logprob == -0.75
    ((path, body),) = server.requests
    assert path == "/v1/completions"
    assert body == {
        "model": "tiny", "prompt": "goal", "n": 2, "temperature": 0.7, "top_p": 0.9, "max_tokens": 9, "seed": spread(5),
        "stop": ["---"], "logprobs": 1,
    }  # fmt: skip
    assert (model.usage.prompt_tokens, model.usage.completion_tokens) == (7, 3)


async def test_prompts_of_one_call_go_as_one_request() -> None:
    def four(path: str, body: dict[str, Any]) -> Answer:
        return answer(*(choice(i, f"t{i}", -1.0) for i in (3, 1, 0, 2)))

    with serving(four) as server:
        async with client(server.url) as model:
            first, second = await model.complete(["a", "b"], TWO)
    assert [c.text for c in first] == ["t0", "t1"]
    assert [c.text for c in second] == ["t2", "t3"]
    assert [body["prompt"] for _, body in server.requests] == [["a", "b"]]


async def test_chats_go_to_the_chat_endpoint() -> None:
    def chat(path: str, body: dict[str, Any]) -> Answer:
        logprobs = {"content": [{"logprob": -0.5}, {"logprob": -0.5}]}
        message = {"role": "assistant", "content": "rfl"}
        return answer({"index": 0, "message": message, "finish_reason": "length", "logprobs": logprobs})

    with serving(chat) as server:
        async with client(server.url) as model:
            ((completion,),) = await model.complete([(Message("user", "prove it"),)], Sampling(n=1))
    assert (completion.text, completion.logprob, completion.finished) == ("rfl", -1.0, False)
    assert server.requests[0][0] == "/v1/chat/completions"
    assert server.requests[0][1]["messages"] == [{"role": "user", "content": "prove it"}]


async def test_server_without_logprobs_is_fine() -> None:
    with serving(lambda path, body: answer(choice(0, "a"), choice(1, "b"))) as server:
        async with client(server.url) as model:
            ((first, _),) = await model.complete(["goal"], TWO)
    assert (first.logprob, first.mean_logprob) == (None, None)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_passing_failure_is_tried_again(status: int) -> None:
    times: list[float] = []

    def busy_once(path: str, body: dict[str, Any]) -> Answer:
        times.append(time.monotonic())
        return (status, {"error": {"message": "busy"}}, {"Retry-After": "0"}) if len(times) == 1 else two(path, body)

    with serving(busy_once) as server:
        async with client(server.url) as model:
            (completions,) = await model.complete(["goal"], TWO)
            assert model.usage.retries == 1
    assert len(completions) == 2


FAILURES: dict[str, tuple[Callable[[str, dict[str, Any]], Answer], type[Exception], str]] = {
    "always busy": (lambda p, b: (503, {"error": {"message": "too many"}}), LanguageModelError, "503: too many"),
    "overflow": (
        lambda p, b: (400, {"error": {"message": "This model's maximum context length is 512 tokens."}}),
        ContextOverflowError,
        "maximum context length",
    ),
    "bad request": (lambda p, b: (400, {"detail": "no n"}), LanguageModelError, "refuses the request: no n"),
    "no key": (lambda p, b: (401, {}), LanguageModelError, "PROVER_MODEL__API_KEY"),
    "no route": (lambda p, b: (404, {"detail": "Not Found"}), LanguageModelError, "does not exist"),
    "a web page": (lambda p, b: (200, b"<html>hello</html>"), LanguageModelError, "answers nonsense"),
    "another shape": (lambda p, b: (200, {"choices": [{"index": 0}]}), LanguageModelError, "choices.0.text"),
    "no answer": (lambda p, b: answer(), LanguageModelError, "0 answers where 2"),
    "too many": (
        lambda p, b: answer(*(choice(i, "a", -1.0) for i in range(3))), LanguageModelError, "3 answers where 2",
    ),
    "no number": (
        lambda p, b: answer(choice(0, "a", float("nan")), choice(1, "b", -1.0)), LanguageModelError, "no number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
async def test_failure_is_an_error_that_says_what_happened(name: str) -> None:
    behaviour, error, text = FAILURES[name]
    with serving(behaviour) as server:
        async with client(server.url, attempts=2) as model:
            with pytest.raises(error, match=text):
                await model.complete(["goal"], TWO)


async def test_slow_server_runs_into_the_time_limit() -> None:
    with serving(slowly(1.0, two)) as server:
        async with client(server.url, timeout_s=0.2, attempts=2) as model:
            with pytest.raises(LanguageModelError, match="did not answer in time") as raised:
                await model.complete(["goal"], TWO)
    assert not isinstance(raised.value, ModelUnavailableError)  # it may be this request that takes so long


async def test_no_server_is_an_error() -> None:
    async with client("http://127.0.0.1:9", attempts=2) as model:
        with pytest.raises(LanguageModelError, match="no model server answers"):
            await model.complete(["goal"], TWO)


async def test_unknown_model_is_an_error_that_names_those_there_are() -> None:
    with serving(two) as server:
        async with client(server.url, model="llemma") as model:
            with pytest.raises(LanguageModelError, match="no model 'llemma'; it has: tiny, other"):
                await model.complete(["goal"], TWO)


async def test_calls_can_be_forbidden() -> None:
    with serving(two) as server:
        async with client(server.url, forbidden=True) as model:
            with pytest.raises(LanguageModelError, match="forbidden"):
                await model.complete(["goal"], TWO)
    assert server.requests == []


async def test_key_is_sent_as_a_bearer_token() -> None:
    model = OpenAICompletions(["http://localhost:1"], api_key="secret")
    assert model._transport.headers == {"Authorization": "Bearer secret"}


async def test_requests_under_way_are_bounded() -> None:
    with serving(slowly(0.05, two)) as server:
        async with client(server.url, concurrency=3) as model:
            await asyncio.gather(*(model.complete([f"goal {i}"], TWO) for i in range(12)))
    assert len(server.requests) == 12
    assert server.most_at_once <= 3


async def test_cancelled_request_gives_its_slot_back() -> None:
    with serving(slowly(0.5, two)) as server:
        async with client(server.url, concurrency=1) as model:
            await model.identify()
            task = asyncio.create_task(model.complete(["goal"], TWO))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            (completions,) = await model.complete(["goal"], TWO)
    assert len(completions) == 2


async def test_dead_endpoint_is_left_out_and_the_others_share_the_work() -> None:
    with serving(slowly(0.02, two)) as one, serving(slowly(0.02, two)) as other:
        async with client("http://127.0.0.1:9", one.url, other.url) as model:
            await asyncio.gather(*(model.complete([f"goal {i}"], TWO) for i in range(20)))
    assert len(one.requests) + len(other.requests) == 20
    assert min(len(one.requests), len(other.requests)) >= 5


def test_endpoint_that_failed_comes_back() -> None:
    now = 0.0
    endpoints = Endpoints(["http://a", "http://b"], clock=lambda: now)
    first = endpoints.next()
    endpoints.failed(first)
    assert endpoints.next() is not first
    now = 60.0
    endpoints.all[1].at_work = 1
    assert endpoints.next() is first


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://gpu:8000", "http://gpu:8000"),
        ("http://gpu:8000/v1/", "http://gpu:8000"),
        ("https://host/api/v1/completions", "https://host/api"),
        ("http://[::1]:8000/v1/chat/completions", "http://[::1]:8000"),
    ],
)
def test_address_with_and_without_its_path(url: str, base: str) -> None:
    assert base_of(url) == base


@pytest.mark.parametrize("url", ["localhost:8000", "", "ftp://host", "http://", "http:///v1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the address of a model server"):
        base_of(url)


async def test_beam_search_returns_the_most_probable_that_end() -> None:
    words = {1: "rfl", 2: "simp", 3: "---", 4: " at h"}

    def tiny(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tokenize":
            return 200, {"tokens": [0]}
        if path == "/detokenize":
            return 200, {"prompt": "".join(words[token] for token in body["tokens"])}
        after = {0: {1: -0.1, 2: -2.4}, 1: {3: -1.2, 4: -0.4}, 2: {3: -0.1, 4: -2.4}, 4: {3: -0.05, 4: -3.0}}
        tops = [{f"token_id:{t}": lp for t, lp in after[prompt[-1]].items()} for prompt in body["prompt"]]
        return answer(*({**choice(i, "", -1.0), "logprobs": {"top_logprobs": [top]}} for i, top in enumerate(tops)))

    with serving(tiny) as server:
        async with client(server.url) as model:
            (found,) = await model.complete(["goal"], Sampling(n=3, stop=("---",), max_tokens=5, beam=True))
    assert [(c.text, round(c.logprob or 0, 2), c.tokens) for c in found] == [
        ("rfl at h", -0.55, 3),
        ("rfl", -1.3, 2),
        ("simp", -2.5, 2),
    ]
    assert all(completion.finished for completion in found)
