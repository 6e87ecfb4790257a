"""Does it help a search to put off goals that are false for small values? The same effort, with and without.

    python -m benchmarks.goal_tests [--effort 10] [--every 1] [--log runs/goal-tests.jsonl]

Theorems of `core`. Writes benchmarks/results/goal_tests.json, and after each theorem a line to --log, where a run that
was interrupted goes on.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from benchmarks.report import Report, Row
from prover.assembly.environments import lean_environment
from prover.assembly.policies import open_policy
from prover.bench.conditions import hardware
from prover.bench.problem_sets import read_problems
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.policies.generator import TacticGenerator
from prover.proving.prove import prove_theorem
from prover.search.events import SearchEvent, Tried
from prover.settings import Settings

SEED = 0


async def compared(
    theorem: Theorem, environment: ProofEnvironment, generator: TacticGenerator, budget: SearchBudget
) -> dict[str, Any]:
    """Search with and without; return what became of both, and how many states were put off."""
    put_off = 0

    def count(event: SearchEvent) -> None:
        nonlocal put_off
        put_off += isinstance(event, Tried) and event.counterexample is not None

    async def searched(*, test_goals: bool) -> ProofRecord:
        return await prove_theorem(
            theorem, environment=environment, generator=generator, budget=budget, listener=count, test_goals=test_goals
        )

    without, tested = await searched(test_goals=False), await searched(test_goals=True)
    return {
        "without": without.proved,
        "with": tested.proved,
        "effort without": without.search.statistics.effort,
        "effort with": tested.search.statistics.effort,
        "expansions without": without.search.statistics.expansions,
        "expansions with": tested.search.statistics.expansions,
        "put off": put_off,
    }


def rows_of(results: Iterable[dict[str, Any]]) -> list[Row]:
    """Return the figures."""
    results = list(results)
    both = [row for row in results if row["with"] and row["without"]]
    rows = [
        Row(f"proved {way}, of {len(results)}", (sum(row[way] for row in results),), "", digits=0)
        for way in ("without", "with")
    ]
    rows += [
        Row("theorems with a state put off", (sum(row["put off"] > 0 for row in results),), "", digits=0),
        Row("states put off", (sum(row["put off"] for row in results),), "", digits=0),
    ]
    if both:
        rows += [
            Row(f"effort {way}, where both prove", (sum(row[f"effort {way}"] for row in both),), "units", digits=1)
            for way in ("without", "with")
        ]
    return rows


@click.command()
@click.option("--effort", default=10.0, show_default=True, help="Units of effort for each search.")
@click.option("--every", default=1, show_default=True, help="Take every so many theorems.")
@click.option("--log", type=click.Path(path_type=Path), default=Path("runs/goal-tests.jsonl"), show_default=True)
def main(effort: float, every: int, log: Path) -> None:
    """Measure."""
    machine = hardware()
    problems = [problem for problem in read_problems("core") if not problem.canary][::every]
    log.parent.mkdir(parents=True, exist_ok=True)
    results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    done = {row["name"] for row in results}

    async def work() -> None:
        settings = Settings()
        environment = lean_environment(settings)
        try:
            async with open_policy(None, settings, without_model=True, environment="lean") as generator:
                with log.open("a") as out:
                    for problem in problems:
                        if problem.name in done:
                            continue
                        budget = SearchBudget(effort=effort)
                        found = await compared(problem.theorem(), environment, generator, budget)
                        results.append({"name": problem.name, **found})
                        out.write(json.dumps(results[-1], ensure_ascii=False) + "\n")
                        out.flush()
        finally:
            await environment.close()

    asyncio.run(work())
    command = f"python -m benchmarks.goal_tests {' '.join(sys.argv[1:])}".strip()
    report = Report("goal_tests", command, SEED, {"effort": effort}, machine, rows_of(results))
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
