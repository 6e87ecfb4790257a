"""`prover serve-isabelle` and `prover setup --isabelle`."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from prover.cli.setup import isabelle_steps
from prover.core.distribution import install_line
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import PATHS, free_ports, recorded_tool


def prover(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "prover", *arguments]


def test_isabelle_that_is_not_installed_is_asked_for() -> None:
    done = subprocess.run(
        prover("serve-isabelle", "--tool", "no-such-isabelle"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "no program no-such-isabelle" in done.stderr
    assert "isabelle.in.tum.de" in done.stderr


def test_setup_says_what_is_missing(tmp_path: Path) -> None:
    assert "no program no-such-isabelle" in isabelle_steps("no-such-isabelle")[0]
    tool = tmp_path / "isabelle"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert str(tool) in isabelle_steps(str(tool))[0]
    done = subprocess.run(prover("setup", "--isabelle"), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "prover serve-isabelle" in done.stderr


@pytest.mark.parametrize(
    ("listen", "status", "said"), [("127.0.0.1:{}", 3, "port {} is in use"), ("x", 2, "HOST:PORT")]
)
def test_address_that_cannot_be_served_is_said_in_a_line(
    listen: str, status: int, said: str, tmp_path: Path, shared_data: Path
) -> None:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    tool = recorded_tool(tmp_path, str(shared_data / "isabelle_transcripts.jsonl"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = prover("serve-isabelle", "--listen", listen.format(port), "--tool", tool)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1), done.stderr
    assert said.format(port) in done.stderr


async def test_nothing_is_left_of_a_server_that_is_killed(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    from prover.environments.isabelle.client import PisaClient

    tool = recorded_tool(tmp_path, str(shared_data / "isabelle_transcripts.jsonl"))
    port = free_ports(1).partition("-")[0]
    server = await asyncio.create_subprocess_exec(
        *prover("serve-isabelle", "--listen", f"127.0.0.1:{port}", "--tool", tool)
    )
    client = PisaClient(f"127.0.0.1:{port}")
    await client.start(PATHS, timeout_s=HUNG_S, patient=True)
    started = psutil.Process(server.pid).children(recursive=True)
    assert len(started) >= 2, started  # our server, and the recorded Isabelle
    server.kill()
    await server.wait()
    _, left = await asyncio.to_thread(psutil.wait_procs, started, HUNG_S)
    assert not [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
    await client.close()


async def test_it_serves(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    from prover.environments.isabelle.client import DEFAULT, PisaClient

    tool = recorded_tool(tmp_path, str(shared_data / "isabelle_transcripts.jsonl"))
    port = free_ports(1).partition("-")[0]
    command = prover("serve-isabelle", "--listen", f"127.0.0.1:{port}", "--tool", tool)
    server = await asyncio.create_subprocess_exec(*command)
    try:
        client = PisaClient(f"127.0.0.1:{port}")
        await client.start(PATHS, timeout_s=HUNG_S, patient=True)
        answer = await client.apply(DEFAULT, "theory T imports Main begin", "base", timeout_s=HUNG_S)
        assert getattr(answer, "level", None) == 0
        await client.close()
    finally:
        server.send_signal(signal.SIGTERM)
        await asyncio.wait_for(server.wait(), HUNG_S)
