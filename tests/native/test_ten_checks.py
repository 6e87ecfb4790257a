"""The ten checks against the stand-in: that they run, and fail where something is wrong."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from argparse import Namespace

import pytest

from prover.environments.lean_wasm.install import Installation
from tests.conftest import ROOT
from tests.native import checks
from tests.native.__main__ import outcome_of, run
from tests.native.checks import CHECKS
from tests.native.place import NotRunError, Place


@pytest.mark.native
async def test_ten_checks_run_against_the_stand_in(installation: Installation) -> None:
    assert installation.manifest.exists()
    found = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.native", "--stand-in", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    rows = {name: line for name in CHECKS for line in found.stdout.splitlines() if line.startswith(f"{name} ")}
    assert len(rows) == len(CHECKS) == 10
    results = {name: re.split(r"\s{2,}", line)[1].split()[0] for name, line in rows.items()}
    assert {name for name, result in results.items() if result != "ok"} <= {"--mathlib", "container"}


async def test_what_fails_and_what_is_not_run_stand_in_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(place: Place) -> str:
        raise AssertionError("two\nlines")

    async def is_not_run(place: Place) -> str:
        raise NotRunError("no docker")

    async def works(place: Place) -> str:
        return "fine"

    assert await outcome_of(fails, None) == ("FAILED", "AssertionError: two\nlines")  # type: ignore[arg-type]
    for name in CHECKS:
        monkeypatch.setitem(checks.CHECKS, name, works)
    monkeypatch.setitem(checks.CHECKS, "fill", fails)
    monkeypatch.setitem(checks.CHECKS, "container", is_not_run)
    monkeypatch.setenv("PATH", "/nowhere")
    options = Namespace(toolchain="v4.24.0", stand_in=True, no_mathlib=True, quick=True, only=None)
    assert await run(options) == 1
    told = capsys.readouterr().out
    assert re.search(r"^fill +FAILED +\d+ +AssertionError: two lines$", told, re.MULTILINE)
    assert re.search(r"^container +not run +\d+ +no docker$", told, re.MULTILINE)
    assert told.count(" ok ") == 8
