"""`prover mcp` as clients start it, asked by the library's own client."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from prover.core.distribution import install_line
from prover.environments.lean_wasm.install import Installation
from tests.prover_serve import Serve, new_key

mcp = pytest.importorskip("mcp", reason=install_line("mcp"))

THEOREM = "theorem t (a b : Nat) : a + b = b + a"
HARD = "theorem t (a b c n : Nat) (h : 2 < n) (ha : 0 < a) (hb : 0 < b) : a ^ n + b ^ n ≠ c ^ n"
TOOLS = {"prove", "job_status", "cancel_job", "verify", "suggest_tactics"}


def parameters(*options: str, **environment: str) -> Any:
    return mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "prover", "mcp", *options], env=dict(os.environ) | environment
    )


async def asked(client: Any, tool: str, **arguments: Any) -> Any:
    """Call a tool that succeeds."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refused(client: Any, tool: str, **arguments: Any) -> str:
    """Call a tool that fails."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    text: str = result.content[0].text
    return text


@pytest.fixture(scope="module")
async def client(installation: Installation) -> AsyncIterator[Any]:
    assert installation.manifest.exists()
    opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def owner() -> None:  # a client must be closed by the task that opened it
        async with mcp.Client(parameters()) as over_stdio:
            opened.set_result(over_stdio)
            await done.wait()

    task = asyncio.create_task(owner())
    yield await opened
    done.set()
    await task


async def test_its_tools_are_described(client: Any) -> None:
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        assert tool.input_schema["type"] == "object"


async def test_a_theorem_is_proved_and_verified(client: Any) -> None:
    job = await asked(client, "prove", theorem=THEOREM, wait_s=50)
    assert (job["status"], job["proved"]) == ("completed", True)
    assert job["proof"].startswith(THEOREM)
    again = await asked(client, "verify", source=job["proof"], against=f"{THEOREM} := by sorry")
    assert again["accepted"]
    assert await asked(client, "job_status", job=job["job"]) == job


async def test_a_false_theorem_is_not_proved_and_says_why(client: Any) -> None:
    job = await asked(client, "prove", theorem="theorem t (n : Nat) : n < 3", timeout_s=2, wait_s=50)
    assert (job["status"], job["proved"], job["proof"]) == ("completed", False, None)
    assert job["reason"] == "the statement is false for n = 3"


async def test_a_search_that_ends_without_a_proof_says_why(client: Any) -> None:
    job = await asked(client, "prove", theorem=HARD, timeout_s=2, wait_s=50)
    assert (job["status"], job["proved"], job["proof"]) == ("completed", False, None)
    assert "what would help is more " in job["reason"]


async def test_a_header_stands_in_front(client: Any) -> None:
    header = "def twice (n : Nat) := n + n"
    job = await asked(client, "prove", theorem="theorem t : twice 2 = 4", header=header, wait_s=50)
    assert job["proof"].startswith(header)


async def test_a_long_search_is_a_job_to_ask_for_and_to_cancel(client: Any) -> None:
    job = await asked(client, "prove", theorem=HARD, timeout_s=600, wait_s=0)
    assert job["status"] in {"queued", "running"}
    assert job["proved"] is None
    running = await asked(client, "job_status", job=job["job"], wait_s=0.1)
    while not (running["progress"] and running["progress"]["tactics"]):
        assert running["proved"] is None
        running = await asked(client, "job_status", job=job["job"], wait_s=0.5)
    assert running["progress"]["expansions"] > 0
    ended = await asked(client, "cancel_job", job=job["job"])
    assert (ended["status"], ended["proved"]) == ("cancelled", False)
    assert (await asked(client, "job_status", job=job["job"]))["status"] == "cancelled"


async def test_what_verification_rejects_is_not_accepted(client: Any) -> None:
    verdict = await asked(client, "verify", source="theorem t : 1 = 2 := by sorry")
    assert (verdict["accepted"], verdict["reason"]) == (False, "the proof uses sorry")
    other = await asked(client, "verify", source=f"{THEOREM} := by omega", against="theorem t : 1 = 2")
    assert not other["accepted"]


async def test_suggestions_are_tried(client: Any) -> None:
    found = await asked(client, "suggest_tactics", theorem=THEOREM, tactics=["induction a"], n=6)
    assert (found["tried_in"], len(found["goals"])) == ("theorem", 2)
    assert found["suggestions"][0]["outcome"] == "advances"
    found = await asked(client, "suggest_tactics", state="a b : Nat\n⊢ a + b = b + a", n=3)
    assert found["suggestions"][0]["outcome"] == "closes"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("prove", {"theorem": ""}, "theorem"),
        ("prove", {"theorem": "theorem t \x07"}, "control character"),
        ("prove", {"theorem": THEOREM, "timeout_s": -1}, "timeout_s"),
        ("prove", {}, "theorem"),
        ("job_status", {"job": "p00"}, "there is no job p00"),
        ("cancel_job", {"job": "p00"}, "there is no job p00"),
        ("verify", {"source": ""}, "source"),
        ("verify", {"source": f"{THEOREM} := by omega", "against": "def f := 1"}, "no theorem"),
        ("suggest_tactics", {}, "either"),
        ("suggest_tactics", {"state": "⊢ True", "tactics": ["simp"]}, "either"),
        ("suggest_tactics", {"theorem": "theorem t : 1 +"}, "line 1"),
        ("suggest_tactics", {"theorem": THEOREM, "tactics": ["exact nothing"]}, "tactic 1"),
        (
            "suggest_tactics",
            {"theorem": THEOREM, "proof": ["omega"]},
            "no argument `proof`; it has `theorem`, `t",
        ),
        ("verify", {"source": f"{THEOREM} := by omega", "statement": THEOREM, "file": "a"}, "`file`, `statement`"),
    ],
)
async def test_bad_input_is_explained(client: Any, tool: str, arguments: dict[str, Any], said: str) -> None:
    assert said in await refused(client, tool, **arguments)


async def test_a_job_that_cannot_be_read_says_where(client: Any) -> None:
    job = await asked(client, "prove", theorem="theorem t : nothing = 1", wait_s=50)
    assert (job["status"], job["proved"]) == ("failed", False)
    assert job["reason"].startswith("line 1, column 13: ")  # counted as `prover prove` does
    assert job["reason"].count("nothing") == 1


@asynccontextmanager
async def over_http(*options: str) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "prover", "mcp", "--http", str(port), *options, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr
        line = await process.stderr.readline()
        for _ in range(300):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                await writer.wait_closed()
                break
        yield line.decode().split()[-1]
    finally:
        process.terminate()
        await process.communicate()
        assert process.returncode == 0


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_over_streamable_http(installation: Installation, mode: str) -> None:
    assert installation.manifest.exists()
    async with over_http("--policy", "scripted:omega") as url, mcp.Client(url, mode=mode) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        assert all(tool.input_schema["additionalProperties"] is False for tool in tools)
        job = await asked(client, "prove", theorem=THEOREM, wait_s=50)
        assert (job["proved"], job["tactics"]) == (True, ["omega"])


@dataclass
class Running:
    """`prover serve`, which asks for a key."""

    url: str
    key: str


@pytest.fixture(scope="module")
def running(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    assert installation.manifest.exists()
    folder = tmp_path_factory.mktemp("service")
    key = new_key(folder)
    serve = Serve(folder, key=key)
    yield Running(serve.url, key)
    assert serve.end() == 0


async def test_a_running_service_does_the_work(running: Running) -> None:
    async with mcp.Client(parameters("--url", running.url, PROVER_REMOTE__API_KEY=running.key)) as client:
        job = await asked(client, "prove", theorem=THEOREM, wait_s=50)
        while job["status"] in {"queued", "running"}:  # on a busy machine
            job = await asked(client, "job_status", job=job["job"], wait_s=50)
        assert (job["status"], job["proved"]) == ("completed", True)
        assert job["proof"].startswith(THEOREM)
        bad = await asked(client, "prove", theorem="theorem t : nothing = 1", wait_s=50)
        while bad["status"] in {"queued", "running"}:
            bad = await asked(client, "job_status", job=bad["job"], wait_s=50)
        assert bad["reason"].startswith("line 1, column 13: ")
        begun = await asked(client, "prove", theorem=HARD, timeout_s=600, wait_s=0)
        assert begun["status"] in {"queued", "running"}
        assert begun["proved"] is None
        assert (await asked(client, "job_status", job=job["job"], wait_s=9))["proved"]
        assert (await asked(client, "cancel_job", job=begun["job"]))["status"] == "cancelled"
        assert (await asked(client, "verify", source=job["proof"]))["accepted"]
        found = await asked(client, "suggest_tactics", theorem=THEOREM, n=2)
        assert found["tried_in"] == "theorem"
        assert "there is no proof" in await refused(client, "job_status", job="p" + 27 * "0")
        assert "not the id" in await refused(client, "job_status", job="../p00")


async def test_what_the_service_refuses_is_passed_on(running: Running) -> None:
    async with mcp.Client(parameters("--url", running.url)) as client:
        assert "API key" in await refused(client, "prove", theorem=THEOREM)


async def test_a_service_that_is_not_there_is_an_error_of_the_call() -> None:
    async with mcp.Client(parameters(PROVER_REMOTE__URL="http://127.0.0.1:9")) as client:
        assert "cannot be reached" in await refused(client, "prove", theorem=THEOREM)
