"""Environments that the contract is tested on, beside those that all tests share."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.distribution import install_line
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.lean_dojo.environment import LeanDojoEnvironment
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.settings import Settings
from tests.environments.isabelle.relays import (
    free_ports,
    living_tool,
    our_server,
    recorded_tool,
    relaying,
    standin,
)
from tests.environments.lean_dojo.traced import traced_repository
from tests.environments.lean_repl.projects import native_project, standin_project
from tests.environments.lean_repl.repl import serving


@pytest.fixture(scope="session")
async def recorded_isabelle(shared_data: Path) -> AsyncIterator[IsabelleEnvironment]:
    """Isabelle behind a relay, answering from recordings."""
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    with relaying(free_ports(8), *standin(str(shared_data / "isabelle_transcripts.jsonl"))) as relay:
        yield relay.environment()


@pytest.fixture(scope="session")
async def our_isabelle(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[IsabelleEnvironment]:
    """Isabelle behind a server of ours: a real one if it is on the PATH, else answering from recordings."""
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    tool = living_tool() or recorded_tool(
        tmp_path_factory.mktemp("isabelle"), str(shared_data / "isabelle_transcripts.jsonl")
    )
    with relaying(free_ports(8), *our_server(tool)) as relay:
        yield relay.environment(provers=False)


@pytest.fixture(scope="session")
def lean_of_standin(request: pytest.FixtureRequest) -> LeanWasmEnvironment | None:
    """What answers for the stand-in REPL; None where PROVER_LEAN__PROJECT names a project with a native Lean."""
    if Settings().lean.project:
        return None
    lean: LeanWasmEnvironment = request.getfixturevalue("lean")
    return lean


@pytest.fixture(scope="session")
async def lean_project(lean_of_standin: LeanWasmEnvironment | None) -> AsyncIterator[LeanProjectEnvironment]:
    """A Lean project: a real one if PROVER_LEAN__PROJECT names it, else the stand-in REPL on the embedded Lean."""
    async with contextlib.AsyncExitStack() as stack:
        environment = native_project()
        if lean_of_standin is not None:
            environment = standin_project(await stack.enter_async_context(serving(lean_of_standin)))
        assert environment is not None
        stack.push_async_callback(environment.close)
        yield environment


@pytest.fixture(scope="session")
async def lean_dojo(lean: LeanWasmEnvironment) -> AsyncIterator[LeanDojoEnvironment]:
    """A repository that counts as traced, with the real lean_dojo."""
    async with traced_repository(lean) as environment:
        yield environment
