"""The examples run, and print what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prover.environments.lean_wasm.install import Installation
from tests.conftest import HUNG_S, ROOT
from tests.prover_serve import Serve

EXAMPLES = ROOT / "examples"


def printed_by(example: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=HUNG_S, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def test_prove(installation: Installation) -> None:
    assert sorted(filter(None, printed_by("prove.py").splitlines())) == [
        "  ac_rfl",
        "cannot be used: theorem not_a_theorem : one = two",
        "proved: add_swap",
        "proved: modus_ponens",
        "proved: reverse_twice",
        "theorem add_swap (a b : Nat) : a + b = b + a := by",
    ]


def test_step_by_hand(installation: Installation) -> None:
    assert printed_by("step_by_hand.py").splitlines()[3:] == [
        "constructor: 2 left, the first is ⊢ q",
        "exact h.1: Type mismatch",
        "exact h.2: 1 left, the first is ⊢ p",
        "exact h.1: closed",
        "True",
    ]


def test_own_policy(installation: Installation) -> None:
    assert printed_by("own_policy.py").startswith("by-shape@1 True\ntheorem t (p q r : Prop) (h : p ∧ q) : (r ∨ q) ∧ p")


def test_own_environment() -> None:
    assert printed_by("own_environment.py") == "counting@1 True ('++', '++', '+')\n"


def test_rest_client(installation: Installation, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    serve = Serve(tmp_path)
    try:
        assert printed_by("rest_client.py", serve.url).startswith("completed True\ntheorem add_swap")
    finally:
        serve.end()


def test_notebook_runs_in_a_real_kernel(installation: Installation, tmp_path: Path) -> None:
    executed = tmp_path / "executed.ipynb"
    code = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=None, kernel_name="python3", startup_timeout=float(sys.argv[3])).execute()
nbformat.write(notebook, sys.argv[2])
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        print(output.get("text", output), end="")
"""
    result = subprocess.run(
        [sys.executable, "-c", code, EXAMPLES / "notebook.ipynb", executed, str(HUNG_S)],
        capture_output=True, text=True, timeout=HUNG_S, check=False, cwd=tmp_path,
        env=os.environ | {"IPYTHONDIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "theorem t (a b : Nat) : a + b = b + a := by" in lines
    assert "exact h.1 -> Rejected" in lines
    assert "simp_all -> Advanced" in lines
    assert any(line.startswith("closes ") for line in lines)
    assert lines[-2:] == ["True", "['t0', 't1', 't2']"]
