"""Expert iteration: `prover mine traces library` with the small Llama.

python -m research.traces FOLDER --sample 4000 --seed 1 --workers 2 --output runs/round-1
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import click

from prover.assembly.environments import lean_environment, lean_environments, lean_library
from prover.bench.problem_sets import Problem
from prover.bench.results import ResultsFile
from prover.bench.work import run_tasks
from prover.core.budget import SearchBudget
from prover.data.mining.statements import LibraryStatement, library_statements, restate
from prover.data.mining.traces import MiningPremises, mine_problem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.generator import TacticGenerator
from prover.settings import Settings
from research.policy import TURNS, llama_policy

IMPORTS = ("Init",)


class _Lines:
    def started(self, worker: int, task: LibraryStatement, /) -> None:
        """Say nothing."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        click.echo(
            f"{result['problem']}: {result['error'] or ('proved' if result['proved'] else 'not proved')}", err=True
        )


async def mine(
    generator: TacticGenerator,
    premises: MiningPremises,
    tasks: list[LibraryStatement],
    budget: SearchBudget,
    seed: int,
    workers: int,
    results: ResultsFile,
) -> None:
    """Search for a proof of each theorem; the steps of those that are verified go into the results."""

    async def attempt(task: LibraryStatement, own: LeanWasmEnvironment) -> dict[str, Any] | None:
        stated = await restate(task, own)
        if stated["row"] is None:
            return {**stated, "proved": False}
        problem = Problem.model_validate(stated["row"])
        found = await mine_problem(
            problem,
            own,
            generator=generator,
            premises=premises,
            budget=budget,
            seed=seed,
            negatives=0,
            trees=None,
            cancel=None,
        )
        return found and {**found, "row": stated["row"]}

    await run_tasks(
        tasks,
        results,
        environment=lean_environments(Settings()),
        attempt=attempt,
        failed=lambda task: {"problem": task.name, "row": None, "proved": False},
        workers=workers,
        watcher=_Lines(),
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--turns", default=TURNS, show_default=True, help="How closers and model take turns at a state.")
@click.option("--effort", type=float, default=3.0, show_default=True)
@click.option("--expansions", type=int, default=200, show_default=True)
@click.option("--sample", type=int, help="Only so many theorems, chosen at random by --seed.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=int, default=1, show_default=True)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--resume", is_flag=True, help="Go on with the results in --output.")
def main(
    folder: Path,
    turns: str,
    effort: float,
    expansions: int,
    sample: int | None,
    seed: int,
    workers: int,
    output: Path,
    resume: bool,
) -> None:
    """Search for proofs of library theorems with the Llama in FOLDER; keep the steps of those that are verified."""
    settings = Settings()
    library = lean_library(settings)
    premises = MiningPremises(library)
    budget = SearchBudget(effort=effort, expansions=expansions)

    async def work() -> None:
        known = library_statements(await library(IMPORTS), IMPORTS)
        tasks = random.Random(seed).sample(known, len(known))[:sample]
        async with llama_policy(folder, premises, turns=turns) as generator:
            about = {
                "what": "traces",
                "policy": generator.identity,
                "budget": budget.model_dump(),
                "sample": sample,
                "seed": seed,
                "environment": lean_environment(settings).identity,
            }
            with ResultsFile(output, about, resume=resume) as results:
                await mine(generator, premises, tasks, budget, seed, workers, results)

    asyncio.run(work())


if __name__ == "__main__":
    main()
