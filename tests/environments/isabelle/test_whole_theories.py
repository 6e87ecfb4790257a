"""Verification of whole theories by an Isabelle of its own: `isabelle build`, and the official server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from prover.core.theorem import Theorem
from prover.environments.isabelle import environment as environment_module
from prover.environments.isabelle.build import BatchBuild
from prover.environments.isabelle.environment import Checker, IsabelleEnvironment
from prover.environments.isabelle.official_server import OfficialServer
from prover.environments.isabelle.pool import ServerPool
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, ProofEnvironmentError
from prover.proving.verify import verify
from tests.conftest import HUNG_S, ROOT
from tests.environments.isabelle.relays import IMPORTS, PATHS
from tests.environments.isabelle.test_verification import PROVED_BY, RECORDED_CHEATS, WHOLE

PASSWORD = "secret"
TOOL = "tests.environments.isabelle.tool"


@pytest.fixture(scope="module")
def program(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program `isabelle`."""
    file = tmp_path_factory.mktemp("bin") / "isabelle"
    file.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m {TOOL} "{recordings}" "$@"\n')
    file.chmod(0o755)
    return file


@pytest.fixture(scope="module")
def server(recordings: Path) -> Iterator[str]:
    """The address of an official server."""
    command = [sys.executable, "-m", TOOL, str(recordings), "server", PASSWORD]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


@pytest.fixture(params=["build", "server"])
def whole(request: pytest.FixtureRequest) -> IsabelleEnvironment:
    if request.param == "build":
        program = request.getfixturevalue("program")
        checker: Checker = BatchBuild(str(program), session="HOL", imports=IMPORTS)
    else:
        checker = OfficialServer(request.getfixturevalue("server"), PASSWORD, session="HOL", imports=IMPORTS)
    return environment_with(checker)


def environment_with(checker: Checker) -> IsabelleEnvironment:
    pool = ServerPool(["127.0.0.1:1"], places=1, paths=PATHS, boot_timeout_s=1)
    return IsabelleEnvironment(pool, version="recorded", imports=IMPORTS, checker=checker)


async def test_recorded_proof_is_accepted(whole: IsabelleEnvironment) -> None:
    verdict = await verify(Theorem.from_text(WHOLE), [PROVED_BY], whole, timeout_s=HUNG_S)
    assert verdict.accepted, verdict.reason
    with_header = Theorem.from_text(f'definition f where "f = (1::nat)"\n{WHOLE}')
    assert (await verify(with_header, [PROVED_BY], whole, timeout_s=HUNG_S)).accepted


@pytest.mark.parametrize("proof", [*RECORDED_CHEATS, "by linarith", "proof -"])
async def test_cheat_is_not(proof: str, whole: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_module, "proof_problem", lambda text: None)
    statement = RECORDED_CHEATS.get(proof, WHOLE)
    verdict = await verify(Theorem.from_text(statement), [proof], whole, timeout_s=HUNG_S)
    assert not verdict.accepted
    assert verdict.reason


async def test_statement_that_cannot_be_read_is_refused(whole: IsabelleEnvironment) -> None:
    with pytest.raises(InvalidTheoremError):
        await verify(Theorem.from_text('lemma t: "ERROR + ="'), ["by simp"], whole, timeout_s=HUNG_S)


async def test_build_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    program = tmp_path / "isabelle"
    program.write_text("#!/bin/sh\nsleep 4321 &\nsleep 4321\n")
    program.chmod(0o755)
    checker = BatchBuild(str(program), session="HOL", imports=IMPORTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prover.environments.isabelle.build.START_S", 0.3)
        verdict = await verify(Theorem.from_text(WHOLE), [PROVED_BY], environment_with(checker), timeout_s=0.1)
    assert not verdict.accepted
    assert verdict.timed_out
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "4321"]]


async def test_program_that_is_not_there_is_a_machine_fault() -> None:
    checker = BatchBuild("/nowhere/isabelle", session="HOL", imports=IMPORTS)
    with pytest.raises(EnvironmentUnavailableError):
        await verify(Theorem.from_text(WHOLE), [PROVED_BY], environment_with(checker), timeout_s=1)


async def test_server_that_is_not_there_or_refuses_the_password_is_a_machine_fault(server: str) -> None:
    for address, password in (("127.0.0.1:1", PASSWORD), (server, "wrong")):
        checker = OfficialServer(address, password, session="HOL", imports=IMPORTS)
        with pytest.raises(ProofEnvironmentError) as error:
            await verify(Theorem.from_text(WHOLE), [PROVED_BY], environment_with(checker), timeout_s=5)
        assert "Isabelle server" in str(error.value)
