"""A batch of theorems with two workers against one, end to end as in `prover bench`.

    python -m benchmarks.batch_scaling [--sample 40] [--rounds 3] [--quick]

Searches are limited by expansions, not by time, so both do the same work. Rounds alternate (1 2 2 1), and each starts
its own Lean processes, as a run does. Needs an otherwise idle machine: other load costs two workers more than one.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks.parts.scaling import loops_per_second
from benchmarks.report import RESULTS, Report, Row
from prover.assembly.environments import lean_environments
from prover.assembly.policies import closers
from prover.bench.bench import run_problems
from prover.bench.conditions import hardware
from prover.bench.problem_sets import Problem, read_problems
from prover.bench.results import ResultsFile
from prover.core.budget import SearchBudget
from prover.settings import Settings

WORKERS = 2
FACTOR = 1.8
BUDGET = SearchBudget(expansions=20, timeout_s=600.0, tactic_timeout_s=10.0)


class Watch:
    """Shows nothing."""

    def started(self, worker: int, task: Problem, /) -> None:
        """A worker takes up a task."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        """A worker has written a result."""


async def round_of(problems: list[Problem], workers: int) -> tuple[float, float, dict[str, dict[str, Any]]]:
    """Return the seconds from the start to the last result with so many workers, processor seconds, results."""
    started, busy = time.perf_counter(), _processor_s()
    with tempfile.TemporaryDirectory() as folder, ResultsFile(Path(folder), {}, resume=False) as results:
        await run_problems(
            problems,
            results,
            environment=lean_environments(Settings()),
            generator=closers(),
            budget=BUDGET,
            seed=0,
            workers=workers,
            watcher=Watch(),
        )
        return time.perf_counter() - started, _processor_s() - busy, results.done


def _processor_s() -> float:
    """Return the processor seconds of this process and of ended Lean processes."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


async def measure(problems: list[Problem], rounds: int) -> list[Row]:
    """Alternate, after one round that orders the problems by their time."""
    _, _, first = await round_of(problems, 1)
    problems = sorted(problems, key=lambda problem: -float(first[problem.name].get("elapsed_s", 0.0)))
    seconds: dict[int, list[float]] = {1: [], WORKERS: []}
    machine, proved, busy = [], [], []
    for turn in range(rounds):
        machine.append(await loops_per_second(WORKERS) / await loops_per_second(1))
        for workers in (1, WORKERS) if turn % 2 == 0 else (WORKERS, 1):
            took, processor_s, results = await round_of(problems, workers)
            seconds[workers].append(took)
            if workers == 1:
                busy.append(processor_s / took)
            proved.append(float(sum(bool(row["proved"]) for row in results.values())))
    factors = tuple(one / two for one, two in zip(seconds[1], seconds[WORKERS], strict=True))
    return [
        Row(f"{len(problems)} theorems, one worker", tuple(seconds[1]), "s", digits=1),
        Row(f"{len(problems)} theorems, two workers", tuple(seconds[WORKERS]), "s", digits=1),
        Row("two workers against one", factors, "times", FACTOR, better="higher"),
        Row(
            "cores that one worker keeps busy: fresh processes for verification start beside the search",
            tuple(busy),
            "",
        ),
        Row("the machine itself: two empty loops against one", tuple(machine), "times", better="higher"),
        Row("theorems proved in a round", tuple(proved), "", better="higher", digits=0),
    ]


@click.command()
@click.option("--sample", type=click.IntRange(2), default=40, show_default=True, help="Of the shipped problems.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--quick", is_flag=True, help="Six theorems, one round: to see that it runs.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, show_default=True)
def main(sample: int, rounds: int, quick: bool, output: Path) -> None:
    """Measure, print, and write the results."""
    machine = hardware()
    if quick:
        sample, rounds = 6, 1
    problems = [problem for problem in read_problems("core") if not problem.canary]
    chosen = random.Random(0).sample(problems, min(sample, len(problems)))
    report = Report(
        name=f"batch-scaling{'-quick' if quick else ''}",
        command=" ".join(["python -m benchmarks.batch_scaling", *sys.argv[1:]]),
        seed=0,
        budget=BUDGET.model_dump(),
        hardware=machine,
        rows=asyncio.run(measure(chosen, rounds)),
        notes=[
            "as `prover bench core` runs them, from starting Lean to the last verified proof; longest theorems first",
            "the machine itself: the same for empty loops; cores that share hardware or that others use give less "
            "than 2, and no workers can scale better; nor can they use more than two cores between them",
        ],
    )
    Console(width=150).print(report.markdown(), markup=False)
    report.save(output)


if __name__ == "__main__":
    main()
