"""`prover serve` as people run it: one command, real Lean, and every way to end it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.core.distribution import install_line
from prover.environments.lean_wasm.install import Installation
from tests.conftest import HUNG_S
from tests.prover_serve import Serve

ENDLESS = "have : Nat.gcd (3 ^ 16000000) (7 ^ 16000000) = 1 := by decide +kernel"
"""Takes minutes and listens to nobody."""


@pytest.fixture(scope="module")
def folder(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert installation.manifest.exists()
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def serve(folder: Path) -> Iterator[Serve]:
    serve = Serve(folder)
    yield serve
    assert serve.end() == 0


def test_theorem_is_proved_and_verified_and_known_the_second_time(serve: Serve) -> None:
    secret = "theorem very_secret (a b : Nat) : a + b = b + a"
    job = serve.prove(secret)
    assert (job["status"], job["proved"], job["cached"]) == ("completed", True, False)
    assert job["record"]["verification"]["tier"] == "E"
    assert job["proof"].startswith(secret)
    assert serve.prove(secret, wait_s=0)["cached"]
    assert "very_secret" not in serve.log.read_text()
    verdict = serve.client.post("/v1/verifications", json={"source": job["proof"], "against": secret}).json()
    assert verdict["accepted"]


def test_statement_that_lean_refuses_comes_with_its_message(serve: Serve) -> None:
    job = serve.prove("theorem bad : (1 : Nat) = Nat.absent")
    assert (job["status"], job["failure"]["kind"]) == ("failed", "invalid_theorem")
    assert any("Nat.absent" in message["text"] and message["line"] == 1 for message in job["failure"]["messages"])


def test_cancelling_reaches_the_tactic_that_runs(serve: Serve) -> None:
    budget = {"timeout_s": 600, "tactic_timeout_s": 600}
    job = serve.prove("theorem t : 1 = 1", policy=f"scripted:{ENDLESS}", budget=budget, wait_s=0, cache="ignore")
    with serve.client.stream("GET", job["links"]["events"]) as stream:
        assert any(line == "event: expansion" for line in stream.iter_lines())
    cancelled = serve.client.delete(job["links"]["self"], params={"wait_s": 20}).json()
    assert cancelled["status"] == "cancelled"
    assert serve.prove("theorem after (p : Prop) (h : p) : p", cache="ignore")["proved"]


def test_folder_has_one_service_at_a_time(serve: Serve, folder: Path) -> None:
    command = [sys.executable, "-m", "prover", "serve", "--port", "0", "--data-dir", str(folder / "data")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=HUNG_S, check=False)
    assert second.returncode == 3
    assert "another `prover serve`" in second.stderr


def test_killed_service_goes_on_where_it_was(folder: Path) -> None:
    own = folder / "killed"
    own.mkdir()
    first = Serve(own)
    budget = {"timeout_s": 3, "tactic_timeout_s": 3}
    running = first.prove("theorem t : 1 = 1", policy=f"scripted:{ENDLESS};;rfl", budget=budget, wait_s=0)
    rows = "".join(json.dumps({"statement": f"theorem n{i} : {i} + 1 = {i + 1}"}) + "\n" for i in range(5))
    headers = {"Content-Type": "application/x-ndjson"}
    batch = first.client.post("/v1/batches", content=rows, params={"policy": "scripted:rfl"}, headers=headers).json()
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Serve(own)
    ended = second.until_ended(running)
    assert ended["status"] == "completed"
    results = second.until_ended(batch)
    assert (results["total"], results["proved"]) == (5, 5)
    assert second.end() == 0


def test_missing_extra_prints_its_install_line() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None; sys.argv = ['prover', 'serve']; "
        "from prover.cli.main import main; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert install_line("serve") in result.stderr


def test_keys_are_made_and_removed_by_the_command(tmp_path: Path) -> None:
    environment = os.environ | {"PROVER_SERVE__KEYS_FILE": str(tmp_path / "keys.json")}

    def run(*arguments: str, status: int = 0) -> str:
        command = [sys.executable, "-m", "prover", "key", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert result.returncode == status, result.stderr
        return result.stderr if status else result.stdout.strip()

    text = run("ada", "--per-minute", "5")
    file = tmp_path / "keys.json"
    assert re.fullmatch(r"prover_ada_[0-9a-f]{64}", text)
    assert text.rpartition("_")[2] not in file.read_text()
    assert json.loads(file.read_text())[0]["per_minute"] == 5
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_text()
    assert "--replace" in run("ada", "--per-minute", "7", status=2)
    assert file.read_text() == before
    other = run("ada", "--replace", "--per-minute", "7")
    assert other != text
    (line,) = json.loads(file.read_text())
    assert (line["name"], line["per_minute"]) == ("ada", 7)
    run("ada", "--remove")
    assert json.loads(file.read_text()) == []
