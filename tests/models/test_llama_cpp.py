"""A real llama.cpp server (Debian's package llama.cpp has one), with a model of random weights."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from prover.errors import ContextOverflowError
from prover.models.model import Message, Sampling
from prover.models.openai_completions import OpenAICompletions
from tests.models.tiny_gguf import CONTEXT, write_tiny_gguf
from tests.prover_serve import wait_until

SERVER = shutil.which("llama-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="needs llama-server on PATH (Debian: apt install llama.cpp)")
pytest.importorskip("gguf", reason="writes the model's file")
EIGHT = Sampling(n=8, temperature=1.0, max_tokens=8, seed=3)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one server."""
    folder = tmp_path_factory.mktemp("llama")
    model, log = folder / "tiny.gguf", folder / "log"
    write_tiny_gguf(model)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    assert SERVER is not None
    with log.open("wb") as out:
        process = subprocess.Popen(
            [SERVER, "--model", model, "--ctx-size", str(CONTEXT), "--port", str(port), "--threads", "1"],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: answers(process, address, log), log)
        yield address
    finally:
        process.terminate()
        process.wait()


def answers(process: subprocess.Popen[bytes], address: str, log: Path) -> bool:
    """Return whether the server is there, and fail if it has ended."""
    assert process.poll() is None, log.read_text(errors="replace")
    try:
        return httpx.get(f"{address}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
async def model(url: str) -> AsyncIterator[OpenAICompletions]:
    found = OpenAICompletions([url])
    try:
        yield found
    finally:
        await found.close()


async def test_samples_differ_and_have_probabilities(model: OpenAICompletions) -> None:
    first, other = await model.complete(["theorem", "lemma"], EIGHT)
    assert len(first) == len(other) == EIGHT.n
    assert len({completion.text for completion in first}) > 1
    assert all(completion.logprob is not None and completion.logprob < 0 for completion in first if completion.text)
    assert all(0 < completion.tokens <= EIGHT.max_tokens for completion in first if completion.text)


async def test_context_is_known_and_what_does_not_fit_is_said(model: OpenAICompletions) -> None:
    await model.complete(["theorem"], EIGHT)
    assert model.context == CONTEXT
    with pytest.raises(ContextOverflowError, match=str(CONTEXT)):
        await model.complete(["x" * 2 * CONTEXT], EIGHT)


async def test_answer_is_shortened_to_what_fits(model: OpenAICompletions) -> None:
    (found,) = await model.complete(["x" * (CONTEXT - 100)], Sampling(n=1, max_tokens=CONTEXT, seed=1))
    assert len(found) == 1


async def test_answers_that_do_not_fit_together_come_in_turn(model: OpenAICompletions) -> None:
    (found,) = await model.complete(["x" * (CONTEXT - 120)], Sampling(n=32, max_tokens=100, seed=1))
    assert len(found) == 32
    assert "do not fit into the server's context together" in " ".join(model.notes)


async def test_conversations_get_as_many_answers_as_asked_for(model: OpenAICompletions) -> None:
    (found,) = await model.complete([(Message("user", "Prove it."),)], EIGHT)
    assert len(found) == EIGHT.n
    assert model.notes == ("the server gives one answer to a request: it is asked once for each sample",)
