"""The server of servers/isabelle on a recorded `isabelle process`: PISA's protocol, and what it adds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from prover.core.proof_state import Advanced, Closed, TimedOut
from prover.core.theorem import Theorem
from prover.environments.isabelle.answers import Applied, Failed
from prover.environments.isabelle.client import DEFAULT, PisaClient
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, SessionCrashedError
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import PATHS, Relay, free_ports, our_server, recorded_tool, relaying
from tests.environments.isabelle.test_session import AND, STEPS

THEORY = "theory T imports Main begin"
DISTINCT = r'lemma t: "distinct xs \<Longrightarrow> card (set xs) = length xs"'


@pytest.fixture(scope="module")
def server(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    tool = recorded_tool(tmp_path_factory.mktemp("tool"), str(recordings))
    with relaying(free_ports(6), *our_server(tool), most=4) as relay:
        yield relay


@pytest.fixture
async def client(server: Relay) -> AsyncIterator[PisaClient]:
    client = PisaClient(server.address)
    await client.start(PATHS, timeout_s=60)
    yield client
    await client.close()


async def begun(client: PisaClient, statement: str = AND) -> None:
    assert await client.apply(DEFAULT, THEORY, "base", timeout_s=10) == Applied("", level=0)
    stated = await client.apply("base", statement, "stated", timeout_s=10)
    assert isinstance(stated, Applied)
    assert stated.level == 1


async def ours(client: PisaClient, **request: Any) -> Any:
    return json.loads(await client._command(f"<prover> {json.dumps(request)}", 30))


async def test_it_says_what_it_is(client: PisaClient) -> None:
    assert client.ours is not None
    assert (client.ours.isabelle, client.ours.session) == ("Isabelle2025", "HOL")
    assert "Main" in client.ours.theories


async def test_pisas_commands_are_answered_as_pisa_does(client: PisaClient) -> None:
    await begun(client)
    tag = "<apply to top level state>"
    assert (await client._command(f"{tag} stated {tag} {STEPS[0]} {tag} next")).startswith("proof (prove)")
    assert (await client._command(f"{tag} stated {tag} by nonsense {tag} next2")).startswith("Step error: ")
    assert await client._command("<is finished> next") == "false"
    assert await client._command("<is finished> base") == "true"
    assert await client._command("<get_proof_level> next") == "1"
    assert (await client._command("<get state> next")).startswith("proof (prove)")
    assert "copy" in await client._command("<clone> next <clone> copy")
    assert (await client._command("<list states>")).split(" | ") == ["base", "copy", "default", "next", "stated"]
    assert "deleted" in await client._command("<delete> copy")
    assert await client._command("<delete> copy") == "Didn't find top level state of given name: copy"
    assert await client._command("<get state> what") == "Didn't find top level state of given name: what"
    assert await client._command('<parse text> lemma t: "A" by simp') == 'lemma t: "A"<SEP>by simp'
    assert await client._command("<local facts and defs> next") == "h<DEF>A"
    assert await client._command("what?") == "Unrecognised operation."


async def test_goals_are_data(client: PisaClient) -> None:
    await begun(client)
    goals = await ours(client, do="goals", state="stated")
    assert goals["subgoals"][0]["statement"].startswith("A ")
    assert goals["facts"] == [{"name": "h", "statement": "A"}]
    assert goals["fixed"] == [{"name": "x", "type": "nat"}]


async def test_tools_are_calls(client: PisaClient) -> None:
    await begun(client, DISTINCT)
    found = await ours(client, do="tool", state="stated", tool="sledgehammer [timeout = 5]", limit_s=10)
    assert "found a proof" in found["messages"][0]
    hammered = await client.apply("stated", "normalhammer", "hammered", timeout_s=60, hammer=True)
    assert isinstance(hammered, Applied)
    assert hammered.step == "by (induct xs) auto"


@pytest.mark.parametrize(
    "request_", [{"do": "nothing"}, {"do": "tool", "state": "base", "tool": "ML_val"}, {"do": "apply"}, {}]
)
async def test_request_that_makes_no_sense_is_refused_by_status(client: PisaClient, request_: dict[str, str]) -> None:
    await begun(client)
    with pytest.raises(EnvironmentProtocolError, match="INVALID_ARGUMENT"):
        await ours(client, **request_)


async def test_limit_of_a_call_stops_it(client: PisaClient) -> None:
    await begun(client)
    stopped = await client.apply("stated", "apply (rule back_subst)+", "looped", timeout_s=0.2)
    assert isinstance(stopped, Failed)
    assert stopped.timed_out
    assert isinstance(await client.apply("stated", STEPS[0], "next", timeout_s=10), Applied)


async def test_process_that_ends_is_a_status_and_its_states_are_made_again(client: PisaClient) -> None:
    await begun(client)
    with pytest.raises(SessionCrashedError, match="UNAVAILABLE"):
        await client.apply("stated", "ML_val exit", "gone", timeout_s=10)
    assert isinstance(await client.apply("stated", STEPS[0], "next", timeout_s=10), Applied)


async def test_killed_process_rejects_nothing(server: Relay) -> None:
    environment = server.environment(provers=False)
    async with environment.open(Theorem.from_text(AND)) as session:
        (advanced,) = await session.apply(session.initial, [STEPS[0]], timeout_s=10)
        assert isinstance(advanced, Advanced)
        kill_isabelle(server)
        (again, closed) = await session.apply(advanced.state, ["by (erule what)", STEPS[1]], timeout_s=10)
    await environment.close()
    assert not isinstance(again, TimedOut)
    assert isinstance(closed, Advanced | Closed)


def kill_isabelle(server: Relay) -> None:
    """Kill what stands for Poly/ML, and let its server live."""
    killed = isabelles(server)
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)


async def test_search_leaves_its_process_to_the_next_and_verification_never_takes_it(server: Relay) -> None:
    await until(server, [])  # those of the tests before
    environment = server.environment(provers=False)
    pids = []
    for _ in range(2):
        async with environment.open(Theorem.from_text(AND)) as session:
            await session.apply(session.initial, [STEPS[0]], timeout_s=10)
            pids.append(isabelles(server))
    assert pids[0] == pids[1]
    assert len(pids[0]) == 1
    await environment.check(Theorem.from_text(AND), STEPS, timeout_s=60)
    await until(server, pids[0])  # it had one of its own, which has ended
    await environment.close()
    await until(server, [])


async def until(server: Relay, pids: list[int]) -> None:
    end = time.monotonic() + HUNG_S
    while isabelles(server) != pids:
        assert time.monotonic() < end, "a process is still there"
        await asyncio.sleep(0.05)


def isabelles(server: Relay) -> list[int]:
    """The processes that stand for Poly/ML."""
    found = []
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "tests.environments.isabelle.ml" in process.cmdline():
                found.append(process.pid)
    return found


async def test_renamed_tool_of_isabelle_is_found(recordings: Path, tmp_path: Path) -> None:
    tool = recorded_tool(tmp_path, str(recordings))
    Path(tool).write_text(Path(tool).read_text().replace("exec ", "RECORDED_TOOL=ML_process exec "))
    with relaying(free_ports(2), *our_server(tool)) as relay:
        verification = await relay.environment().check(Theorem.from_text(AND), STEPS, timeout_s=60)
    assert verification.accepted


async def test_process_that_ends_while_it_starts_is_started_again(recordings: Path, tmp_path: Path) -> None:
    tool = Path(recorded_tool(tmp_path, str(recordings)))
    killed = tmp_path / "killed"
    once = f'if [ "$1" = process ] && [ ! -e {killed} ]; then touch {killed}; kill -9 $$; fi\n'
    tool.write_text(tool.read_text().replace("cd ", f"{once}cd ", 1))
    with relaying(free_ports(3), *our_server(str(tool))) as relay:
        verification = await relay.environment().check(Theorem.from_text(AND), STEPS, timeout_s=60)
    assert verification.accepted
    assert killed.exists()


async def test_isabelle_that_does_not_start_is_unavailable(tmp_path: Path) -> None:
    tool = tmp_path / "isabelle"
    tool.write_text("#!/bin/sh\necho 'Bad heap image'\nexit 1\n")
    tool.chmod(0o755)
    with relaying(free_ports(2), *our_server(str(tool))) as relay:
        environment: IsabelleEnvironment = relay.environment()
        with pytest.raises(EnvironmentUnavailableError, match="Bad heap image"):
            async with environment.open(Theorem.from_text(AND)):
                pass
