"""How long somebody waits at the prompt: `prover --help`, and `prover prove` of a trivial theorem.

    python -m benchmarks.first_second [--times 7]

Each is a new process, with files in the system's cache, Lean installed and its library listed: one run before the
others is not counted. The processor's time, with that of Lean's processes, says more than the clock on a machine that
others use. Writes benchmarks/results/first-second.json.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from benchmarks.report import Report, Row
from prover.bench.conditions import hardware

THEOREM = "theorem t (a b : Nat) : a + b = b + a"
COMMANDS = {"--help": (("--help",), 0.15), "prove": (("prove", THEOREM), 1.3)}
"""The words of each command, and the seconds within which its user wants to be back at the prompt."""


@dataclass(frozen=True, slots=True)
class Run:
    """The seconds of one process on the clock, and of the processor."""

    elapsed_s: float
    processor_s: float


def run(words: Sequence[str]) -> Run:
    """Run one command to its end. Raises subprocess.CalledProcessError if it fails."""
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "prover", *words], check=True, capture_output=True)
    took, after = time.perf_counter() - began, os.times()
    return Run(took, after.children_user + after.children_system - before.children_user - before.children_system)


@click.command()
@click.option("--times", type=click.IntRange(1), default=7, show_default=True, help="Processes for each command.")
def main(times: int) -> None:
    """Measure."""
    machine, rows = hardware(), []
    for name, (words, target) in COMMANDS.items():
        run(words)
        runs = [run(words) for _ in range(times)]
        rows.append(Row(f"`prover {name}`: back at the prompt after", tuple(r.elapsed_s for r in runs), "s", target))
        rows.append(Row(f"`prover {name}`: the processor's time", tuple(r.processor_s for r in runs), "s"))
    command = f"python -m benchmarks.first_second {' '.join(sys.argv[1:])}".strip()
    report = Report("first-second", command, 0, {"theorem": THEOREM}, machine, rows)
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
