"""`prover doctor` beside docker-compose.yml says which names in `.env` nothing reads, and which are meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from prover.cli.doctor import doctor
from tests.conftest import ROOT


def finding(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object] | None:
    monkeypatch.setenv("PROVER_CACHE_DIR", str(tmp_path / "cache"))  # without the embedded Lean it is quick
    monkeypatch.chdir(folder)
    found = json.loads(CliRunner().invoke(doctor, ["--json"]).stdout)["findings"]
    return next((one for one in found if one["name"] == ".env"), None)


@pytest.mark.parametrize(
    ("text", "ok", "named"),
    [
        ((ROOT / ".env.example").read_text().replace("#PORT=", "PORT="), True, ""),
        ("# MODLE_URL=x\n\nexport CONCURRENCY=2\nPROVER_SERVE__MAX_BATCH=5\n", True, ""),
        ("MODLE_URL=http://gpu:8000\n", False, "MODLE_URL (is MODEL_URL meant?)"),
        ("PROVER_CACHE_DIR=/x\n", False, "PROVER_CACHE_DIR of .env"),
        ("MODEL_URL=http://a\nPROVER_MODEL__URL=http://b\n", False, "MODEL_URL and PROVER_MODEL__URL"),
        ("MODEL_URL=\nPROVER_MODEL__URL=http://b\n", True, ""),
    ],
    ids=[
        "the example",
        "what is read",
        "misspelt",
        "a setting that containers have their own of",
        "two names of one setting",
        "one of them without a value",
    ],
)
def test_names_that_nothing_reads_are_said(
    text: str, ok: bool, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text(text)
    found = finding(tmp_path, monkeypatch, tmp_path)
    assert found is not None
    assert found["ok"] is ok
    assert named in str(found["text"])


def test_the_environment_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text("SIGNING_KEY=a\n")
    monkeypatch.setenv("PROVER_REDIS__SIGNING_KEY", "b")
    found = finding(tmp_path, monkeypatch, tmp_path)
    assert found is not None
    assert not found["ok"]


def test_other_folders_have_no_such_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("MODLE_URL=x\n")
    assert finding(tmp_path, monkeypatch, tmp_path) is None
