"""Servers that do less than vLLM, each as it was seen to answer: the client goes on without, and says so."""

from __future__ import annotations

import time
from typing import Any

import pytest

from prover.errors import ContextOverflowError, LanguageModelError
from prover.models import transport
from prover.models.abilities import UNSCORED
from prover.models.model import Message, Sampling, notes_of_model
from prover.models.openai_completions import OpenAICompletions
from tests.models.server import Answer, Behaviour, Server, answer, choice, serving

THREE = Sampling(n=3, temperature=0.7, max_tokens=9, seed=5)
CHAT = (Message("user", "prove it"),)


def client(server: Server) -> OpenAICompletions:
    return OpenAICompletions([server.url], timeout_s=5.0, longest_wait_s=0.01)


def one(path: str, body: dict[str, Any]) -> Answer:
    """Ollama, LM Studio: one answer, whatever was asked for."""
    return answer(choice(0, f"seed {body.get('seed')}"))


def refusing(word: str, reason: str, status: int = 400) -> Behaviour:
    """Refuse requests that have a member, in these words."""

    def behave(path: str, body: dict[str, Any]) -> Answer:
        if (word == "n" and body.get("n", 1) > 1) or (word != "n" and word in body):
            return status, {"error": {"message": reason}}
        return answer(*(choice(i, f"a{i}") for i in range(body["n"])))

    return behave


async def test_server_that_ignores_n_is_asked_as_often() -> None:
    with serving(one) as server:
        model = client(server)
        (found,) = await model.complete(["goal"], THREE)
        assert len({completion.text for completion in found}) == 3
        (again,) = await model.complete(["other"], THREE)
        await model.close()
    assert len(again) == 3
    assert [body["n"] for _, body in server.requests] == [3, 1, 1, 1, 1, 1]
    assert notes_of_model(model) == ("the server gives one answer to a request: it is asked once for each sample",)


async def test_batch_of_prompts_goes_one_by_one_to_such_a_server() -> None:
    with serving(one) as server:
        model = client(server)
        first, second = await model.complete(["a", "b"], THREE)
        await model.close()
    assert len(first) == len(second) == 3
    assert {str(body["prompt"]) for _, body in server.requests[1:]} == {"a", "b"}


@pytest.mark.parametrize(
    ("member", "reason", "note"),
    [
        ("n", "Only one completion choice is allowed", "one answer to a request"),
        ("n", "n must be 1", "one answer to a request"),
        ("logprobs", "logprobs is not supported by this backend", "no log-probabilities"),
        ("seed", "unsupported parameter: seed", "no seed"),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
async def test_what_is_refused_is_done_without(member: str, reason: str, note: str, status: int) -> None:
    with serving(refusing(member, reason, status)) as server:
        model = client(server)
        (found,) = await model.complete(["goal"], THREE)
        await model.complete(["goal"], THREE)
        await model.close()
    assert len(found) == 3
    assert note in " ".join(model.notes)
    assert len(model.notes) == 1
    refused = [body for _, body in server.requests if (body["n"] > 1 if member == "n" else member in body)]
    assert len(refused) == 1


def sharing(most: int, fits: bool) -> Behaviour:
    """llama.cpp: `most` answers at once fit into its context, or not even one."""
    at_work: list[int] = []

    def behave(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tokenize":
            return 404, {}
        at_work.append(body["n"])
        try:
            time.sleep(0.02)
            if sum(at_work) > most or not fits:
                return 500, {"error": {"code": 500, "message": "Context size has been exceeded."}}
            return answer(*(choice(i, "omega", -1.0) for i in range(body["n"])))
        finally:
            at_work.remove(body["n"])

    return behave


@pytest.mark.parametrize("most", [1, 2])
async def test_answers_that_do_not_fit_together_are_asked_for_in_turn(most: int) -> None:
    with serving(sharing(most, fits=True)) as server:
        model = client(server)
        found = await model.complete(["goal", "another"], THREE)
        again = await model.complete(["goal"], THREE)
        await model.close()
    assert [len(some) for some in (*found, *again)] == [3, 3, 3]
    assert "do not fit into the server's context together" in model.notes[0]
    assert len(model.notes) == 1


async def test_context_too_small_for_one_answer_is_an_error_that_says_what_to_do() -> None:
    with serving(sharing(1, fits=False)) as server:
        model = client(server)
        with pytest.raises(LanguageModelError, match=r"Context size has been exceeded.; serve it with a larger one"):
            await model.complete(["goal"], THREE)
        await model.close()


async def test_another_refusal_is_an_error() -> None:
    with serving(lambda path, body: (400, {"error": {"message": "temperature is too high"}})) as server:
        model = client(server)
        with pytest.raises(LanguageModelError, match="temperature is too high"):
            await model.complete(["goal"], THREE)
        await model.close()


async def test_server_that_takes_one_prompt_gets_one_and_still_several_answers() -> None:
    def behave(path: str, body: dict[str, Any]) -> Answer:
        if isinstance(body["prompt"], list):
            return 400, {"detail": "prompt must be a string."}  # transformers serve
        return answer(*(choice(i, f"{body['prompt']}{i}", -1.0) for i in range(body["n"])))

    with serving(behave) as server:
        model = client(server)
        found = await model.complete(["a", "b"], THREE)
        await model.complete(["c", "d"], THREE)
        await model.close()
    assert [[one.text for one in some] for some in found] == [["a0", "a1", "a2"], ["b0", "b1", "b2"]]
    assert [body["n"] for _, body in server.requests] == [3] * 5
    assert model.notes == ()


async def test_server_of_llama_cpp_python_gets_what_it_takes() -> None:
    def behave(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tokenize":
            return 404, {"detail": "Not Found"}
        if isinstance(body["prompt"], list):
            return 500, {"error": {"message": "", "type": "internal_server_error"}}
        if "logprobs" in body:
            reason = "logprobs is not supported for models created with logits_all=False"
            return 500, {"error": {"message": reason, "type": "internal_server_error"}}
        return one(path, body)

    with serving(behave) as server:
        model = client(server)
        found = await model.complete(["a", "b"], THREE)
        before = len(server.requests)
        await model.complete(["c", "d"], THREE)
        await model.close()
    assert [len({completion.text for completion in some}) for some in found] == [3, 3]
    assert len(server.requests) - before == 6
    assert set(model.notes) == {UNSCORED, "the server gives one answer to a request: it is asked once for each sample"}


@pytest.mark.parametrize("listing", [(200, {"object": "list", "data": []}), (404, {"detail": "Not Found"})])
async def test_server_that_lists_no_models_is_asked_for_the_named_one(listing: Answer) -> None:
    with serving(one, listing=listing) as server:
        named = OpenAICompletions([server.url], model="mine")
        assert await named.complete(["goal"], Sampling(n=1))
        unnamed = client(server)
        with pytest.raises(LanguageModelError, match=r"--model-name|up to /v1"):
            await unnamed.identify()
        await named.close()
        await unnamed.close()
    assert server.requests[0][1]["model"] == "mine"
    assert named.notes == ("the server lists no models: whether it serves mine was not checked",)


async def test_beams_have_what_alternatives_the_server_tells() -> None:
    def vllm(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tokenize":
            return 200, {"tokens": [0]}
        if path == "/detokenize":
            return 200, {"prompt": "---" if body["tokens"][-1] == 40 else "x"}
        if body["logprobs"] > 20:
            return 400, {"error": {"message": "Requested sample logprobs of 64, which is greater than max allowed: 20"}}
        top = {"top_logprobs": [{"token_id:40": -0.1, "token_id:41": -3.0}]}
        return answer(*({**choice(i, "", -1.0), "logprobs": top} for i in range(len(body["prompt"]))))

    with serving(vllm) as server:
        model = client(server)
        (found,) = await model.complete(["goal"], Sampling(n=32, stop=("---",), max_tokens=2, beam=True))
        await model.close()
    assert found[0].logprob == -0.1
    assert [body["logprobs"] for path, body in server.requests if path == "/v1/completions"][:3] == [64, 20, 20]
    assert "20 alternatives to a token" in model.notes[0]


async def test_server_without_tokenizer_cannot_search_with_beams_and_that_is_said() -> None:
    with serving(lambda path, body: (404, {"detail": "Not Found"})) as server:
        model = client(server)
        with pytest.raises(LanguageModelError, match="the server cannot do beam search"):
            await model.complete(["goal"], Sampling(n=4, beam=True))
        await model.close()


# ---- the context ----------------------------------------------------------------------------------------------------


def counting(tokens: int) -> Behaviour:
    """vLLM: counts the tokens of a prompt; the test server's context has 512."""

    def behave(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tokenize":
            return 200, {"count": tokens, "max_model_len": 512, "tokens": []}
        return answer(choice(0, "omega"))

    return behave


async def test_answers_are_held_to_the_room_that_is_left() -> None:
    with serving(counting(200)) as server:
        model = client(server)
        await model.complete(["x" * 600], Sampling(n=1, max_tokens=8192))
        await model.close()
    assert server.requests[-1][1]["max_tokens"] == 312
    assert model.notes == ("the model is served with a context of 512 tokens: there was no room for answers of 8,192",)


async def test_room_of_a_chat_is_counted_as_well() -> None:
    with serving(counting(500)) as server:
        model = client(server)
        with pytest.raises(ContextOverflowError, match="500 tokens and the model is served with a context of 512"):
            await model.complete([CHAT], Sampling(n=1, max_tokens=8192))
        await model.close()
    assert server.requests[-1] == (
        "/tokenize",
        {"model": "tiny", "messages": [{"role": "user", "content": "prove it"}]},
    )


async def test_room_is_guessed_where_nobody_counts() -> None:
    def behave(path: str, body: dict[str, Any]) -> Answer:
        return (404, {"detail": "Not Found"}) if path == "/tokenize" else answer(choice(0, "omega"))

    with serving(behave) as server:
        model = client(server)
        await model.complete(["x" * 600], Sampling(n=1, max_tokens=8192))
        await model.complete(["x" * 900], Sampling(n=1, max_tokens=8192))
        await model.close()
    assert [body["max_tokens"] for path, body in server.requests if path != "/tokenize"] == [312, 212]
    assert [path for path, _ in server.requests].count("/tokenize") == 1


async def test_short_prompts_are_not_counted() -> None:
    with serving(counting(1)) as server:
        model = client(server)
        await model.complete(["x" * 100], Sampling(n=1, max_tokens=256))
        await model.close()
    assert [path for path, _ in server.requests] == ["/v1/completions"]


@pytest.mark.parametrize(
    ("letters", "tokens", "cut"), [(40_000, 4_096, True), (40_000, 10_000, False), (900, 7, False)]
)
async def test_prompt_that_a_server_cuts_in_silence_is_noted(letters: int, tokens: int, cut: bool) -> None:
    def ollama(path: str, body: dict[str, Any]) -> Answer:
        return 200, {"choices": [choice(0, "omega")], "usage": {"prompt_tokens": tokens, "completion_tokens": 3}}

    with serving(ollama, listing=(200, {"data": [{"id": "tiny"}]})) as server:
        model = client(server)
        await model.complete(["x" * letters], Sampling(n=1))
        await model.close()
    assert [note.startswith(f"the server counted {tokens:,} tokens") for note in model.notes] == [True] * cut


@pytest.mark.parametrize(
    "reason",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 8492 tokens",
        "the request exceeds the available context size. try increasing the context size",
        "`inputs` tokens + `max_new_tokens` must be <= 4096",
        "Trying to keep the first 5000 tokens when context window is 4096",
    ],
)
async def test_overflow_is_known_by_many_words(reason: str) -> None:
    with serving(lambda path, body: (400, {"error": {"message": reason}})) as server:
        model = client(server)
        with pytest.raises(ContextOverflowError):
            await model.complete(["goal"], THREE)
        await model.close()


# ---- what is said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["reasoning_content", "reasoning"])
async def test_thoughts_are_read_where_there_is_nothing_else(member: str) -> None:
    def behave(path: str, body: dict[str, Any]) -> Answer:
        message = {"role": "assistant", "content": "", member: "```lean4\nomega\n```"}
        return answer({"index": 0, "message": message, "finish_reason": "stop"})

    with serving(behave) as server:
        model = client(server)
        ((found,),) = await model.complete([CHAT], Sampling(n=1))
        await model.close()
    assert found.text == "<think>```lean4\nomega\n```</think>"


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("The model does not support Completions API", "serve one that generates text"),
        ("As of transformers v4.44, default chat template is no longer allowed", "--prompt"),
        ("This is an encoder-decoder model", "transformers:NAME"),
        ("This is a chat model and not supported in the v1/completions endpoint", "only takes conversations"),
        ('"nomic-embed-text" does not support generate', "serve one that generates text"),  # Ollama
    ],
)
async def test_model_that_cannot_be_used_like_this_is_told_in_a_sentence(reason: str, advice: str) -> None:
    with serving(lambda path, body: (400, {"error": {"message": reason}})) as server:
        model = client(server)
        with pytest.raises(LanguageModelError, match=advice):
            await model.complete(["goal"], THREE)
        await model.close()


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (404, {"detail": "Not Found"}),  # vLLM with a model for embeddings has no such route
        (501, {"error": {"message": "This server does not support completions. Start it without `--embeddings`"}}),
    ],
)
@pytest.mark.parametrize("prompt", ["goal", CHAT])
async def test_server_of_embeddings_is_told_in_a_sentence_and_asked_once(status: int, data: Any, prompt: Any) -> None:
    with serving(lambda path, body: (status, data)) as server:
        model = client(server)
        with pytest.raises(LanguageModelError, match="embeddings"):
            await model.complete([prompt], THREE)
        await model.close()
    assert len(server.requests) == 1


async def test_time_limit_follows_the_length_of_the_answer() -> None:
    model = OpenAICompletions(["http://localhost:1"])
    timeout = model._transport._timeout({"max_tokens": 32_768})
    assert timeout.read == transport.ANSWER_S + 32_768 / transport.TOKENS_A_SECOND
    fixed = OpenAICompletions(["http://localhost:1"], timeout_s=7.0)
    assert fixed._transport._timeout({"max_tokens": 32_768}).read == 7.0
