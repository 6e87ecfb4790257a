"""Tables of runs over problem sets, for benchmarks/README.md.

    python -m benchmarks.power "miniF2F, core Lean=runs/minif2f" "library=runs/library" ...

Each run is a folder that `prover bench` wrote.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click


def percent(count: dict[str, Any]) -> str:
    """Return the rate with its interval."""
    low, high = count["interval"]
    return f"{count['proved'] / max(1, count['total']):.1%} ({low:.1%} to {high:.1%})"


def of(count: dict[str, Any]) -> str:
    """Return proved/total."""
    return f"{count['proved']}/{count['total']}"


def without_folders(command: str) -> str:
    """Return a command with file names only, since folders belong to one machine."""
    return " ".join(Path(word).name if "/" in word else word for word in command.split())


def line(parts: dict[str, Any], show: Any) -> str:
    """Return the groups in a line, largest first."""
    return ", ".join(f"{name} {show(value)}" for name, value in parts.items())


def table(runs: list[tuple[str, dict[str, Any]]]) -> str:
    """Return the counts of all runs, followed by the conditions of each."""
    lines = ["| set | proved | rate (95 % Wilson interval) | false statements proved |", "|---|---|---|---|"]
    for name, run in runs:
        false = run["canaries"]
        lines.append(
            f"| {name} | {run['proved']} of {run['total']} | {percent(run)} | {false['proved']} of {false['total']} |"
        )
    for name, run in runs:
        hardware, versions, budget = run["hardware"], run["versions"], run["budget"]
        kinds = sorted(run["by_kind"].items(), key=lambda item: -item[1]["total"])
        lines += [
            "",
            f"**{name}.** By kind: {line(dict(kinds[:20]), of)}. "
            f"What closed them: {line(run['by_source'], str)}. "
            f"Tactics in the proof: {line(run['by_length'], str)}. "
            f"Stopped: {line(run['stops'], str)}.",
            "",
            f"`{without_folders(run['command'])}`, {run['started'][:10]}, commit {run['commit']}; {hardware['cpu']}, "
            f"{hardware['cores']} cores, load {hardware['load']} before; prover {versions['prover']}, "
            f"Lean {versions['Lean']}; seed {run['seed']}, effort {budget['effort']:g} a theorem, "
            f"{run['workers']} at once; {run['elapsed_s']:.0f} s in all.",
        ]
    return "\n".join(lines)


@click.command()
@click.argument("runs", nargs=-1, required=True)
def main(runs: tuple[str, ...]) -> None:
    """Print the tables."""
    read = []
    for run in runs:
        name, _, folder = run.rpartition("=")
        read.append((name, json.loads((Path(folder) / "summary.json").read_text())))
    click.echo(table(read))


if __name__ == "__main__":
    main()
