"""What keeps `prover serve` from working is said before, and instead of, an address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from prover.environments.lean_wasm.install import Installation
from tests.cli.interrupting import interrupted
from tests.conftest import HUNG_S
from tests.prover_serve import Serve, wait_until

SERVES = "prover serves at"


def serve(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prover", "serve", "--port", "0", *options],
        capture_output=True, text=True, timeout=HUNG_S, check=False, env=os.environ | {"COLUMNS": "300"} | settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read: Invalid JSON"),
        ("[]", "no API keys in"),
        ('[{"name": "a"}]', "0.hash: Field required"),
    ],
)
def test_keys_file_that_is_empty_or_damaged(text: str, says: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(text)
    result = serve("--data-dir", str(tmp_path / "data"), PROVER_SERVE__KEYS_FILE=str(keys))
    assert result.returncode == 2
    assert says in result.stderr
    assert SERVES not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("settings", "status", "says"),
    [
        ({"PROVER_REDIS__URL": "localhost:6379"}, 2, "for example: redis://HOST:6379/0"),
        ({"PROVER_REDIS__URL": "redis://127.0.0.1:1", "PROVER_REDIS__CACHE_URL": "nonsense"}, 2, "for example: redis"),
        ({"PROVER_REDIS__SIGNING_KEY": "short"}, 2, "fewer than 16"),
        ({"PROVER_MODEL__URL": "nonsense"}, 2, "nonsense"),
        ({"PROVER_ENVIRONMENT": "rocq"}, 2, "environment"),
        ({"PROVER_WORKER__DRAIN_S": "soon"}, 2, "drain_s"),
        ({"PROVER_SERVE__DATA_DIR": "/dev/null/x"}, 3, "jobs cannot be kept"),
    ],
)
def test_setting_that_cannot_work(settings: dict[str, str], status: int, says: str, tmp_path: Path) -> None:
    result = serve(**{"PROVER_SERVE__DATA_DIR": str(tmp_path), **settings})
    assert result.returncode == status, result.stderr
    assert says in result.stderr
    assert SERVES not in result.stderr
    assert "Traceback" not in result.stderr


def test_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = serve("--data-dir", str(tmp_path), "--port", str(other.getsockname()[1]))
    assert result.returncode == 3
    assert "cannot listen at" in result.stderr
    assert SERVES not in result.stderr


def test_redis_that_is_not_there_is_mentioned_and_waited_for(tmp_path: Path) -> None:
    settings = {"PROVER_REDIS__URL": "redis://127.0.0.1:1/0", "PROVER_SERVE__DATA_DIR": str(tmp_path)}
    arguments = ["serve", "--workers", "0", "--port", "0"]
    status, said = interrupted(arguments, 15, when=SERVES, settings=settings)
    assert status == 0, said
    mentioned, _, _ = said.partition(SERVES)
    assert "Redis cannot be reached" in mentioned
    assert "requests get 503" in mentioned


def test_lean_starts_with_the_worker_and_ends_with_it(tmp_path: Path, installation: Installation) -> None:
    serve = Serve(tmp_path, warm=True)
    try:
        wait_until(lambda: [one for one in serve.family() if "driver.mjs" in " ".join(one.cmdline())], serve.log)
    finally:
        assert serve.end() == 0
