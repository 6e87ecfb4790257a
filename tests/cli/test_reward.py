"""`prover reward`, with real Lean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from prover.environments.lean_wasm.install import Installation

STATEMENT = "theorem t (a b : Nat) (h : a ≤ b) : ∃ c, b = a + c"
AUX = "theorem aux (x y : Nat) (h : x ≤ y) : y = x + (y - x) := by\n  omega"


def reward(folder: Path, statement: str, answer: str, *options: str) -> Any:
    (folder / "statement.lean").write_text(statement, encoding="utf-8")
    (folder / "answer.txt").write_text(answer, encoding="utf-8")
    files = [str(folder / "statement.lean"), str(folder / "answer.txt")]
    return CliRunner().invoke(cli, ["reward", *files, *options], standalone_mode=False)


@pytest.mark.parametrize("ending", ["", " := by", " := by sorry", " := sorry\n"])
def test_helpers_are_verified_and_named(tmp_path: Path, installation: Installation, ending: str) -> None:
    answer = f"We go on.\n```lean\n{AUX}\n\n{STATEMENT} := ⟨_, aux a b h⟩\n```"
    result = reward(tmp_path, STATEMENT + ending, answer)
    assert (result.exception, result.return_value) == (None, 0), result.output
    assert result.output == "1.0   the answer proves the statement with aux\n"


def test_no_proof_has_a_reason(tmp_path: Path, installation: Installation) -> None:
    result = reward(tmp_path, STATEMENT, "utter garbage )) := by exact ⟨b - a, by omega⟩", "--json")
    assert (result.exception, result.return_value) == (None, 1), result.output
    data = json.loads(result.output)
    assert (data["reward"], data["helpers"]) == (0.0, [])
    assert data["reason"]


def test_a_bad_statement_is_bad_input(tmp_path: Path, installation: Installation) -> None:
    result = reward(tmp_path, "theorem t : nonsense", "omega")
    assert (result.exception, result.return_value) == (None, 2), result.output
    assert reward(tmp_path, STATEMENT, "omega", "--environment", "isabelle").exception is not None
