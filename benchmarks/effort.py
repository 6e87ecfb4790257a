"""Two runs over one problem set with the same effort, on an idle and on a busy machine: are they the same?

    prover bench core --effort 10 --workers 2 --output runs/idle
    for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done
    prover bench core --effort 10 --workers 2 --output runs/busy; kill $(jobs -p)
    python -m benchmarks.effort runs/idle runs/busy

Writes benchmarks/results/effort.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from benchmarks.report import RESULTS

TIMES = {"elapsed_s", "policy_s", "assistant_s"}
CONDITIONS = ("set", "budget", "seed", "workers", "environment", "policy", "versions", "commit")


def rows_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results of a run by problem."""
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    return {row["problem"]: row for row in rows}


def counted(row: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a search without times."""
    search = row["search"]
    statistics = {name: value for name, value in search["statistics"].items() if name not in TIMES}
    return {**search, "statistics": statistics, "proved": row["proved"]}


def compared(folders: tuple[Path, Path]) -> dict[str, Any]:
    """Return how two runs differ, and the conditions of each."""
    idle, busy = map(rows_of, folders)
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in folders]
    solved = [{name for name, row in rows.items() if row["proved"]} for rows in (idle, busy)]
    same = {name for name in idle.keys() & busy.keys() if counted(idle[name]) == counted(busy[name])}
    return {
        "problems": len(idle),
        "solved": [len(names) for names in solved],
        "solved_in_one_only": sorted(solved[0] ^ solved[1]),
        "same_search": len(same),
        "other_search": sorted((idle.keys() | busy.keys()) - same),
        "marked_reproducible": [sum(row["search"]["reproducible"] for row in rows.values()) for rows in (idle, busy)],
        "seconds": [summary["elapsed_s"] for summary in summaries],
        "hardware": [summary["hardware"] for summary in summaries],
        **{name: summaries[0][name] for name in CONDITIONS},
    }


@click.command()
@click.argument("idle", type=click.Path(path_type=Path, exists=True))
@click.argument("busy", type=click.Path(path_type=Path, exists=True))
def main(idle: Path, busy: Path) -> None:
    """Compare two runs, problem by problem."""
    result = compared((idle, busy))
    (RESULTS / "effort.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    click.echo(json.dumps({name: value for name, value in result.items() if name not in CONDITIONS}, indent=1))


if __name__ == "__main__":
    main()
