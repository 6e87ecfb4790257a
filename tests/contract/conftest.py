"""Environments that the contract is tested on, beside those that all tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.environments.isabelle.environment import IsabelleEnvironment
from tests.environments.isabelle.relays import free_ports, relaying, standin


@pytest.fixture(scope="session")
async def recorded_isabelle(shared_data: Path) -> AsyncIterator[IsabelleEnvironment]:
    """Isabelle behind a relay, answering from recordings."""
    pytest.importorskip("grpc", reason="needs the extra: pip install -e '.[isabelle]'")
    with relaying(free_ports(8), *standin(str(shared_data / "isabelle_transcripts.jsonl"))) as relay:
        yield relay.environment()
