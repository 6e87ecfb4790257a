"""What a theorem takes, whole: the search's effort, and the processor's time of search, verification and shortening.

    python -m benchmarks.theorem_times [SET] [--sample 30] [--effort 3]

Proves each theorem twice in the same processes, as a service or a batch would; the second time counts, when Lean's code
has been compiled. Only those that are proved both times count. Writes benchmarks/results/theorem-times.json.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.report import Report, Row
from benchmarks.shortening import drawn
from prover.assembly.environments import lean_environment
from prover.assembly.policies import open_policy
from prover.bench.conditions import hardware
from prover.bench.problem_sets import Problem, read_problems
from prover.core.budget import SearchBudget
from prover.proving.prove import REFUTING, prove_theorem
from prover.settings import Settings

SEED = 1


def processor_s() -> float:
    """Return the seconds of the processor that this process and all its children have had, also those that ended."""
    times = os.times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for thread in Path(f"/proc/{child}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0]) / 1e9
    return total


async def measure(problems: Sequence[Problem], effort: float) -> dict[str, tuple[float, float]]:
    """Return effort and processor's time of each theorem that is proved, in the second round."""
    settings, found = Settings(), {}
    environment = lean_environment(settings)
    try:
        async with open_policy(None, settings) as policy:
            for counts in (False, True):
                for problem in problems:
                    before = processor_s()
                    record = await prove_theorem(
                        problem.theorem(),
                        environment=environment,
                        generator=policy,
                        budget=SearchBudget(expansions=2000, effort=effort),
                        seed=SEED,
                        refuting=REFUTING,
                    )
                    if record.proved and counts:
                        found[problem.name] = (record.search.statistics.effort, processor_s() - before)
    finally:
        await environment.close()
    return found


@click.command()
@click.argument("problem_set", default="core")
@click.option("--sample", type=int, default=30, show_default=True, help="So many theorems, drawn at random.")
@click.option("--effort", default=3.0, show_default=True, help="Units of effort for each search.")
def main(problem_set: str, sample: int, effort: float) -> None:
    """Measure."""
    machine, problems = hardware(), drawn(read_problems(problem_set), sample)
    found = asyncio.run(measure(problems, effort))
    rows = [
        Row("theorems proved", (len(found),), "", digits=0),
        Row("effort of the search", tuple(spent for spent, _ in found.values()), "units", digits=3),
        Row("effort of all searches", (sum(spent for spent, _ in found.values()),), "units"),
        Row("the processor's time", tuple(took for _, took in found.values()), "s", digits=3),
        Row("the processor's time for all", (sum(took for _, took in found.values()),), "s"),
    ]
    command = f"python -m benchmarks.theorem_times {' '.join(sys.argv[1:])}".strip()
    report = Report("theorem-times", command, SEED, {"effort": effort, "theorems": len(problems)}, machine, rows)
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
