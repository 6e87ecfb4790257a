"""Benchmarks are run by people, far apart: that they can be started at all is tested."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from benchmarks import queue_scaling
from benchmarks.figures import table
from benchmarks.report import Report
from tests.conftest import ROOT

PLACES = sorted(
    path.relative_to(ROOT).with_suffix("") for path in (ROOT / "benchmarks").rglob("*.py") if path.stem != "__init__"
)


@pytest.mark.parametrize("name", [".".join(place.parts) for place in PLACES])
def test_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__


async def test_queue_is_simulated_and_its_figures_make_a_table(tmp_path: Path) -> None:
    times = [value / 20 for value in json.loads(queue_scaling.TIMES.read_text())["seconds"]]
    found = await queue_scaling.simulate(4, 1.0, times)
    assert found["jobs"] > 4
    assert found["lost"] == 0
    machine: dict[str, object] = {"cpu": "a", "cores": 2, "memory_gb": 1.0, "load": 0.0}
    report = Report(
        "queue-scaling", "command", 0, {}, machine, queue_scaling.rows(4, found), ["a note"], {"prover": "0"}
    )
    shown = table(json.loads(report.save(tmp_path).read_text()))
    assert "| 4 workers: jobs lost | 0  | at most 0 | yes |" in shown
    assert "Note: a note." in shown
