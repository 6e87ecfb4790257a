"""Benchmarks are run by people, far apart: that they can be started at all is tested."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import queue_scaling
from benchmarks.figures import table
from benchmarks.learned.tables import budget_table, share_table
from benchmarks.report import Report
from tests.conftest import ROOT

NEEDS_TORCH = {"train", "widen"}
PLACES = sorted(
    path.relative_to(ROOT).with_suffix("")
    for path in (ROOT / "benchmarks").rglob("*.py")
    if path.stem not in NEEDS_TORCH and path.stem != "__init__"
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


def learned(**arms: float | None) -> dict[str, Any]:
    """Return a line of a comparison: for each arm the Lean seconds until its proof, or None."""
    found = {name: {"proved": s is not None, "lean_s": s or 9.0} for name, s in arms.items()}
    return {"problem": f"t{len(arms)}", "arms": found}


def test_policies_are_compared_in_pairs() -> None:
    rows = [learned(old=2.0, new=0.5) for _ in range(6)] + [learned(old=0.5, new=None), learned(old=None, new=None)]
    shown = budget_table(rows, ["old", "new"], "lean_s", [1.0, 3.0], "s")
    assert "| old | 1 | 7 |" in shown
    assert "| new | 6 | 6 |" in shown
    assert "| new over old | 6 : 1, 0.12 | 0 : 1, 1 |" in shown


def test_what_a_share_of_the_time_brings_counts_what_it_costs() -> None:
    rows = [{**learned(old=s), "problem": f"t{n}"} for n, s in enumerate([0.5, 1.8, 3.9, None])]
    others = [{**learned(new=s), "problem": f"t{n}"} for n, s in enumerate([None, None, 0.4, 0.9, 0.1])]
    shown = share_table(rows, others, ["new"])
    assert shown.startswith("4 theorems that both runs have:")
    assert "| old alone | 2 | 3 | 3 | 3 | 3 |" in shown
    assert "| of them 0.5 s for new | 2 | 3 | 3 | 3 | 3 |" in shown  # loses what took 1.8 s, wins what takes it 0.4
    assert "| of them 1 s for new | 3 | 4 | 4 | 4 | 4 |" in shown
    assert "| of them 2 s for new |  | 4 | 4 | 4 | 4 |" in shown
