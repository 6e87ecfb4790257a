"""Every wait ends with one signal, whatever it is for: real processes, and servers that never answer."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from prover.environments.lean_wasm.install import Installation
from tests.cli.interrupting import interrupted
from tests.conftest import HUNG_S

REV = 'lemma t: "rev (rev xs) = xs"'
LEMMA = f"theory T imports Main begin\n{REV} by simp\nend\n"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("number", SIGNALS)
def test_waiting_for_isabelle(number: int, mute: str) -> None:
    check_isabelle(["prove", "--environment", "isabelle", REV], number, mute)


@pytest.mark.parametrize("command", ["verify", "bench", "doctor"])
def test_waiting_for_isabelle_in_other_commands(command: str, mute: str, tmp_path: Path) -> None:
    theory, problems = tmp_path / "T.thy", tmp_path / "problems.jsonl"
    theory.write_text(LEMMA)
    problems.write_text('{"name": "t", "statement": "lemma t: \\"x = x\\""}\n')
    isabelle = ("--environment", "isabelle")
    arguments = {
        "verify": ["verify", str(theory), *isabelle],
        "bench": ["bench", str(problems), *isabelle, "--canaries", "0", "--output", str(tmp_path / "run")],
        "doctor": ["doctor"],
    }
    check_isabelle(arguments[command], signal.SIGTERM, mute)


def check_isabelle(arguments: list[str], number: int, address: str) -> None:
    pytest.importorskip("grpc", reason="needs the extra: pip install -e '.[isabelle]'")
    settings = {
        "PROVER_ISABELLE__ADDRESSES": address,
        "PROVER_ISABELLE__IMPORTS": "Main",
        "PROVER_ISABELLE__VERIFIER": "pisa",
        "PROVER_ISABELLE__BOOT_TIMEOUT_S": "100000",
    }
    status, said = interrupted(arguments, number, when=f"waiting for Isabelle at {address}", settings=settings)
    assert status == 130, said
    assert "Traceback" not in said


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("command", ["prove", "fill", "formalise"])
def test_waiting_for_a_model_that_loads(command: str, mute: str, tmp_path: Path) -> None:
    draft = tmp_path / "draft.lean"
    draft.write_text("theorem t : 1 = 1 := by sorry\n")
    what = {"prove": "theorem t : 1 = 1", "fill": str(draft), "formalise": "One is one."}[command]
    settings = {"PROVER_MODEL__URL": f"http://{mute}", "PROVER_MODEL__TIMEOUT_S": "100000"}
    status, said = interrupted(
        [command, what], signal.SIGTERM, when="waiting for the language model", settings=settings
    )
    assert status == 130, said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", SIGNALS)
def test_worker_that_waits_for_redis(number: int) -> None:
    settings = {"PROVER_REDIS__URL": "redis://127.0.0.1:1/0"}
    status, said = interrupted(["worker"], number, when="Redis cannot be reached", settings=settings)
    assert status == 0, said
    assert "has ended" in said


def test_setup_that_waits_for_another_setup(tmp_path: Path) -> None:
    lock = Installation.in_cache(tmp_path).home / "lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        settings = {"PROVER_CACHE_DIR": str(tmp_path)}
        status, said = interrupted(["setup"], signal.SIGTERM, when="waiting for another setup", settings=settings)
    assert status == 130, said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_tool_that_builds_a_project_ends_too(number: int, tmp_path: Path) -> None:
    project, lake = tmp_path / "mine", tmp_path / "lake"
    project.mkdir()
    (project / "lean-toolchain").write_text("leanprover/lean4:v4.24.0\n")
    (project / "lakefile.toml").write_text('name = "mine"\n')
    lake.write_text("#!/bin/sh\nsleep 86400 &\necho building under $!\nwait\n")
    lake.chmod(0o755)
    repl = tmp_path / "repl"
    repl.write_text("")
    repl.chmod(0o755)
    settings = {
        "PROVER_LEAN__LAKE": str(lake),
        "PROVER_LEAN__REPL": str(repl),
        "PROVER_CACHE_DIR": str(tmp_path / "cache"),
    }
    command = ["setup", "--lean-project", str(project)]
    status, said = interrupted(command, number, when="building under", settings=settings)
    assert status == (130 if number == signal.SIGTERM else -number), said
    child = int(said.partition("building under ")[2].split()[0])
    assert ended(child)


def ended(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.wait(timeout=HUNG_S) is None
    except psutil.NoSuchProcess:
        return True
