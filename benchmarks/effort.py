"""The same problem set on an idle and on a busy machine: does effort give the same results?

    python -m benchmarks.effort [--effort 5] [--load 8] [--sample N] --output runs/effort

Two runs of `prover bench core`, the second beside so many loops that never wait. Both folders can be resumed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from benchmarks.report import RESULTS
from prover.evaluate.conditions import run_conditions

TIMES = {"elapsed_s", "policy_s", "assistant_s"}


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep the machine busy with so many loops."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for loop in running:
            loop.kill()
            loop.wait()


def run(folder: Path, effort: float, workers: int, sample: int | None) -> tuple[dict[str, Any], float]:
    """Run or resume the problem set; return its rows by problem, and the seconds that it took now."""
    command = ["prover", "bench", "core", "--effort", f"{effort:g}", "--workers", f"{workers}", "--output", f"{folder}"]
    command += ["--resume"] if (folder / "results.jsonl").exists() else []
    command += ["--sample", f"{sample}"] if sample else []
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", *command], check=True)
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    return {row["problem"]: row for row in rows}, time.monotonic() - started


def counted(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a search did, without its times."""
    search = row["search"]
    statistics = {name: value for name, value in search["statistics"].items() if name not in TIMES}
    return {**search, "statistics": statistics, "proved": row["proved"]}


@click.command()
@click.option("--effort", type=float, default=5.0, show_default=True)
@click.option("--load", type=int, default=8, show_default=True, help="Loops beside the second run.")
@click.option("--workers", type=int, default=2, show_default=True)
@click.option("--sample", type=int, help="Only so many problems.")
@click.option("--output", type=click.Path(path_type=Path), required=True)
def main(effort: float, load: int, workers: int, sample: int | None, output: Path) -> None:
    """Compare the two runs, problem by problem."""
    idle, idle_s = run(output / "idle", effort, workers, sample)
    with busy(load):
        crowded, crowded_s = run(output / "busy", effort, workers, sample)
    same = [name for name in idle if counted(idle[name]) == counted(crowded[name])]
    solved = [{name for name, row in rows.items() if row["proved"]} for rows in (idle, crowded)]
    result = {
        "problems": len(idle),
        "effort": effort,
        "workers": workers,
        "loops": load,
        "solved_idle": len(solved[0]),
        "solved_busy": len(solved[1]),
        "solved_in_one_only": sorted(solved[0] ^ solved[1]),
        "same_search": len(same),
        "other_search": sorted(set(idle) - set(same)),
        "marked_reproducible": sum(row["search"]["reproducible"] for row in idle.values()),
        "seconds_idle": round(idle_s, 1),
        "seconds_busy": round(crowded_s, 1),
        **run_conditions(),
    }
    click.echo(json.dumps({name: result[name] for name in list(result)[:12]}, indent=1))
    (RESULTS / "effort.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
