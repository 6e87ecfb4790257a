"""The key that signs cached proofs: kept where all processes of the machine find it, or said to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.assembly.service import proof_cache
from prover.storage.accepted_proofs import ProofCache
from prover.storage.cache import MemoryCache


def secret(cache: ProofCache) -> bytes:
    return cache._secret


def test_processes_of_one_folder_have_one_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second = (proof_cache(MemoryCache(), None, tmp_path / "data") for _ in range(2))
    assert secret(first) == secret(second)
    assert not caplog.records


def test_folder_that_cannot_be_written_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    first, second = (proof_cache(MemoryCache(), None, tmp_path / "file" / "data") for _ in range(2))
    assert secret(first) != secret(second)
    assert "PROVER_REDIS__SIGNING_KEY" in caplog.text
