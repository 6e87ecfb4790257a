"""Refutation through the REPL: the same search for counterexamples, verified in a fresh process of the project."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.proving.refute import refute
from tests.conftest import HUNG_S
from tests.environments.lean_repl.projects import command_line_project, standin_project
from tests.environments.lean_repl.repl import serving

FALSE: dict[str, tuple[str, set[str]]] = {
    "numbers": ("theorem t (a b : Nat) : a - b + b = a", {"a", "b"}),
    "a hypothesis": ("theorem t (n : Nat) (h : n > 2) : n % 2 = 1", {"n"}),
    "a type": ("theorem t (α : Type) (x y : α) : x = y", {"α", "x", "y"}),
    "a library without Mathlib": ("import Std\ntheorem t (n : Nat) : ∃ k, n = 2 * k", {"n"}),
    "no variable": ("theorem t : (2 : Nat) + 2 = 5", set()),
}


@pytest.fixture(scope="module")
async def project(lean: LeanWasmEnvironment) -> AsyncIterator[LeanProjectEnvironment]:
    async with serving(lean) as command:
        environment = standin_project(command)
        yield environment
        await environment.close()


@pytest.mark.parametrize("what", FALSE)
async def test_false_statement_is_refuted(project: LeanProjectEnvironment, what: str) -> None:
    statement, variables = FALSE[what]
    found = await refute(Theorem.from_text(statement), project, effort=HUNG_S)  # counted in seconds here
    assert found is not None
    assert set(found.counterexample or {}) == variables  # which values come first depends on the clock here
    assert found.verification.accepted
    assert found.verification.environment == "lean4@standin"


@pytest.mark.parametrize(
    "statement",
    ["theorem t (a b : Nat) : a + b = b + a", "axiom bad : False\ntheorem t (n : Nat) : n + 0 = n"],
)
async def test_true_statement_is_not(project: LeanProjectEnvironment, statement: str) -> None:
    assert await refute(Theorem.from_text(statement), project, effort=1) is None


async def test_on_the_command_line(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    async with serving(lean) as command:
        project, settings = command_line_project(tmp_path, command)
        run = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "prover", "refute", "theorem t (n : Nat) : n * n = n", "--json",
             "--environment", "lean-project", "--project", str(project)],
            env=settings, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["refutation"]["counterexample"] == {"n": "2"}
