"""Isabelle as tests have it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from prover.core.distribution import install_line
from prover.environments.isabelle.environment import IsabelleEnvironment
from tests.environments.isabelle.relays import Relay, free_ports, relaying, standin


@pytest.fixture(scope="session")
def recordings(shared_data: Path) -> Path:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    return shared_data / "isabelle_transcripts.jsonl"


@pytest.fixture(scope="session")
def relay(recordings: Path) -> Iterator[Relay]:
    with relaying(free_ports(8), *standin(str(recordings), "--provers")) as running:
        yield running


@pytest.fixture
async def isabelle(relay: Relay) -> AsyncIterator[IsabelleEnvironment]:
    environment = relay.environment()
    yield environment
    await environment.close()
