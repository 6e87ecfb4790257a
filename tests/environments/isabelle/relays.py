"""The relay of servers/isabelle with the stand-in PISA behind it, as real processes."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from prover.environments.isabelle.client import ServerPaths
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.pool import ServerPool
from tests.conftest import ROOT

PATHS = ServerPaths("/opt/Isabelle2022", "/opt/Isabelle2022/src/HOL/Prover", "/opt/Isabelle2022/src/HOL/Prover/T.thy")
IMPORTS = ("Main",)


class Relay:
    """A running relay and where it listens."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def pool(self, *, places: int = 2) -> ServerPool:
        return ServerPool([self.address], places=places, paths=PATHS, boot_timeout_s=60)

    def environment(self, *, places: int = 2, provers: bool = True) -> IsabelleEnvironment:
        return IsabelleEnvironment(self.pool(places=places), version="recorded", imports=IMPORTS, provers=provers)


@contextlib.contextmanager
def relaying(ports: str, *command: str, most: int = 3, memory_mb: int = 0, port: int = 0) -> Iterator[Relay]:
    """Run the relay with a command for each connection."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "servers" / "isabelle" / "relay.py"),
            *("--listen", f"127.0.0.1:{port}", "--most", str(most), "--ports", ports, "--memory-mb", str(memory_mb)),
            "--",
            *command,
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "listening on" in line, line
        yield Relay(process, f"127.0.0.1:{line.split()[-1]}")
    finally:
        process.terminate()
        process.communicate()


def free_ports(count: int) -> str:
    """A range of ports that nothing listens on at the moment, another one for each process that tests."""
    places = list(range(20000, 32000, 50))  # below those that the system gives to clients
    random.Random(os.getpid()).shuffle(places)
    for first in places:
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"{first}-{first + count - 1}"
    raise AssertionError("no free ports")


def standin(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.environments.isabelle.pisa", "{port}", *arguments)


def our_server(tool: str, session: str = "HOL") -> tuple[str, ...]:
    """The server of servers/isabelle on a program `isabelle`."""
    server = str(ROOT / "servers" / "isabelle" / "server.py")
    return (sys.executable, server, "--port", "{port}", "--tool", tool, "--session", session)


def recorded_tool(folder: Path, recordings: str) -> str:
    """A program `isabelle` that answers from recordings."""
    program = folder / "isabelle"
    command = f"{sys.executable} -m tests.environments.isabelle.ml {recordings}"
    program.write_text(f'#!/bin/sh\ncd {ROOT}\nexec {command} "$@"\n')
    program.chmod(0o755)
    return str(program)


def living_tool() -> str | None:
    """The program `isabelle` of this machine, if it has one."""
    return shutil.which("isabelle")
