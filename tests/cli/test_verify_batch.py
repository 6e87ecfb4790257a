"""`prover verify --batch`, with real Lean."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock

from prover.cli.main import cli
from prover.environments.lean_wasm.install import Installation
from prover.errors import RunConflictError
from tests.conftest import HUNG_S

STATEMENT = "theorem t (a b : Nat) : a + b = b + a"
LINES: list[dict[str, Any]] = [
    {"name": "file", "source": f"{STATEMENT} := Nat.add_comm a b"},
    {"name": "against", "source": f"{STATEMENT} := by\n  omega", "statement": f"{STATEMENT} := by sorry"},
    {"name": "answer", "statement": STATEMENT, "answer": f"Thus:\n```lean\n{STATEMENT} := by\n  ac_rfl\n```\n"},
    {"name": "another", "source": "theorem t : True := trivial", "statement": f"{STATEMENT} := by sorry"},
    {"name": "gap", "source": f"{STATEMENT} := by sorry"},
    {"name": "wrong", "statement": STATEMENT, "answer": "rfl"},
]
VERDICTS = ["accepted", "accepted", "accepted", "rejected", "rejected", "rejected"]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def batch(*arguments: str | Path) -> Any:
    words = ["verify", "--batch", *map(str, arguments)]
    return CliRunner().invoke(cli, words, standalone_mode=False)


def test_each_line_gets_its_verdict_in_order(tmp_path: Path, installation: Installation) -> None:
    output = tmp_path / "verdicts.jsonl"
    result = batch(write(tmp_path / "b.jsonl", LINES), "--output", output, "--workers", "2")
    assert (result.exception, result.return_value) == (None, 1), result.output
    found = rows(output.read_text())
    assert [row["name"] for row in found] == [line["name"] for line in LINES]
    assert [row["verdict"] for row in found] == VERDICTS, found
    assert all(row["reason"] for row in found if row["verdict"] != "accepted")


def test_a_bad_line_is_told_and_does_not_stop_the_others(tmp_path: Path, installation: Installation) -> None:
    lines = [{"name": "bad", "statement": "theorem t : nonsense", "answer": "rfl"}, {"origin": ""}, LINES[0]]
    output = tmp_path / "verdicts.jsonl"
    result = batch(write(tmp_path / "b.jsonl", lines), "--output", output)
    assert (result.exception, result.return_value) == (None, 2), result.output
    assert [row["verdict"] for row in rows(output.read_text())] == ["invalid", "invalid", "accepted"]


def test_a_batch_is_resumed(tmp_path: Path, installation: Installation) -> None:
    output, file = tmp_path / "verdicts.jsonl", tmp_path / "b.jsonl"
    assert batch(write(file, LINES[:2]), "--output", output).return_value == 0
    before = output.read_text()
    output.write_text(f'{before}{{"name": "ans')  # as a killed run leaves it
    again = batch(write(file, LINES), "--output", output)
    assert isinstance(again.exception, Exception)
    assert "--resume" in str(again.exception)
    assert batch(file, "--output", output, "--resume").return_value == 1
    assert output.read_text().startswith(before)
    assert [row["verdict"] for row in rows(output.read_text())] == VERDICTS
    changed = [{**LINES[0], "source": "theorem t : 1 = 2 := rfl"}, *LINES[1:]]  # a line that asks for something else
    assert batch(write(file, changed), "--output", output, "--resume").return_value == 1
    assert {row["name"]: row["verdict"] for row in rows(output.read_text())}["file"] == "rejected"


def test_a_killed_batch_has_whole_lines_and_goes_on(tmp_path: Path, installation: Installation) -> None:
    output = tmp_path / "verdicts.jsonl"
    lines = [{"name": f"n{i}", "source": f"theorem t : {i} + 1 = {i + 1} := rfl"} for i in range(40)]
    file = write(tmp_path / "b.jsonl", lines)
    command = [sys.executable, "-m", "prover", "verify", "--batch", str(file), "--output", str(output), "--resume"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + HUNG_S
    while not output.exists() or output.read_text().count("\n") < 3:
        assert time.monotonic() < end, "no verdict"
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert subprocess.run(command, check=False, timeout=HUNG_S).returncode == 0
    assert [row["name"] for row in rows(output.read_text())] == [line["name"] for line in lines]


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    output, file = tmp_path / "verdicts.jsonl", write(tmp_path / "b.jsonl", LINES)
    with FileLock(tmp_path / ".verdicts.jsonl.lock"):
        second = batch(file, "--output", output, "--resume")
    assert isinstance(second.exception, RunConflictError)
    assert not output.exists()


@pytest.mark.parametrize(
    "words", [["x.lean", "--batch", "b.jsonl"], ["--resume", "x.lean"], ["--batch", "b.jsonl", "--resume"], []]
)
def test_options_that_do_not_go_together(words: list[str]) -> None:
    result = CliRunner().invoke(cli, ["verify", *words])
    assert result.exit_code == 2
    assert "error" in result.output.lower()


def test_an_empty_batch_is_told(tmp_path: Path) -> None:
    result = batch(write(tmp_path / "b.jsonl", []))
    assert "has no lines" in str(result.exception)
