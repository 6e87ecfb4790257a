"""`make prove THEOREM=...` proves the statement that was typed, whatever make and the shell would read into it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.making import make

STATEMENTS = [
    pytest.param("theorem t (o : Option Nat) : id <$> o = o", id="a dollar"),
    pytest.param("$x $(x) ${x} $$ $$(x) $@ $< $* $$$ $", id="dollars"),
    pytest.param("$(shell touch planted) $$(touch planted) `touch planted` ; touch planted", id="commands"),
    pytest.param("$(error no) $(eval x:=1) $(THEOREM)", id="functions"),
    pytest.param("theorem t : a # b \\# c := by simp", id="signs that make reads"),
    pytest.param("'one' \"two\" '\\'' \\ \\\\ \\n \\$", id="quotes and backslashes"),
    pytest.param("theorem t :\n  1 = 1 ∧\n\n\t2 = 2\n  -- $x", id="lines"),
    pytest.param("line \\\n  continued \\", id="backslashes at ends of lines"),
    pytest.param("theorem t (p q : Prop) : p ∧ q ↔ q ∧ p -- 𝔸 é", id="unicode"),
    pytest.param("-- an option?\ntheorem t : 1 = 1", id="begins with a dash"),
    pytest.param("--help", id="an option"),
    pytest.param("a = b := c += d ?= e : f %.o *", id="assignments"),
    pytest.param("define x\nendef\nifdef y\ninclude z", id="words of make"),
]


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An environment that counts as installed, whose `prover` notes the words that it gets."""
    (tmp_path / "bin").mkdir()
    (tmp_path / ".has-core").touch()
    noting = tmp_path / "bin" / "prover"
    noting.write_text(
        f"#!{sys.executable}\nimport json, pathlib, sys\n"
        f"pathlib.Path({str(tmp_path)!r}, sys.argv[1]).write_text(json.dumps(sys.argv[1:]))\n"
    )
    noting.chmod(0o755)
    return tmp_path


def proved(venv: Path, done: subprocess.CompletedProcess[str]) -> str:
    """The statement that `prover prove` was given."""
    assert done.returncode == 0, done.stderr
    assert not (ROOT / "planted").exists()
    prove, end_of_options, statement = json.loads((venv / "prove").read_text())
    assert (prove, end_of_options) == ("prove", "--")
    return str(statement)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_typed_as_a_variable_of_make(statement: str, venv: Path) -> None:
    assert proved(venv, make("prove", f"VENV={venv}", f"THEOREM={statement}")) == statement


@pytest.mark.parametrize("statement", STATEMENTS)
def test_given_in_the_environment(statement: str, venv: Path) -> None:
    assert proved(venv, make("prove", f"VENV={venv}", THEOREM=statement)) == statement


def test_through_a_make_above(venv: Path, tmp_path: Path) -> None:
    statement = "theorem t (o : Option Nat) : id <$> o = o -- $$x '\"\\"
    above = tmp_path / "above"
    above.mkdir()
    (above / "Makefile").write_text(f"all:\n\t@$(MAKE) -C {ROOT} VENV={venv} prove\n")
    assert proved(venv, make("-C", str(above), "all", f"THEOREM={statement}")) == statement


def test_without_a_theorem_the_examples_are_proved(venv: Path) -> None:
    (venv / "bin" / "python").symlink_to("/bin/echo")
    for arguments in ((), ("THEOREM=",)):
        done = make("prove", f"VENV={venv}", *arguments)
        assert done.stdout.splitlines() == ["-m benchmarks.examples"]
        assert not (venv / "prove").exists()
