"""`prover mine outcomes`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import click

from prover.assembly.environments import lean_environments, lean_library
from prover.bench.problem_sets import Problem
from prover.cli.extras import needs
from prover.cli.mine.problems import problems_to_mine
from prover.cli.mine.run import MiningRun, finished, imports_option, run_mining, run_options, sample_option
from prover.cli.options.work import seed_option
from prover.cli.run import Stop
from prover.cli.show import out
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.settings import Settings


@click.command()
@click.argument("problems", metavar="FILE|library")
@imports_option
@click.option(
    "--depth",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    metavar="N",
    help="Steps to go below the first state.",
)
@click.option(
    "--effort",
    type=click.FloatRange(0, min_open=True),
    default=3.0,
    show_default=True,
    metavar="UNITS",
    help="For the first state; a third of it for each below, and for one tactic.",
)
@sample_option
@seed_option()
@run_options
@click.pass_context
@needs("data")
def outcomes(
    ctx: click.Context,
    problems: str,
    imports: str,
    depth: int,
    effort: float,
    sample: int | None,
    seed: int,
    run: MiningRun,
) -> None:
    """Try the closers' tactics and keep their outcomes.

    Tactics are tried in random order; a ranking of candidates learns from the outcomes. FILE is a problem set;
    `library` stands for every theorem of the embedded Lean's library that is not held out. Theorems come in random
    order, so that a run stopped early has a random sample.

    \b
      prover mine outcomes library --workers 2 --output runs/outcomes
    """  # noqa: D301
    from prover.data.mining.outcomes import Exploration, explore_problem
    from prover.data.mining.statements import LibraryStatement, restate
    from prover.data.mining.traces import MiningPremises

    settings = Settings()
    source = lean_library(settings)
    premises = MiningPremises(source)
    exploration = Exploration.of(effort, depth)
    explore = partial(explore_problem, premises=premises, exploration=exploration, seed=seed)

    async def tasks() -> Sequence[LibraryStatement | Problem]:
        found = problems_to_mine(problems, imports, await source((imports,)), premises)
        shuffled = random.Random(seed).sample(found, len(found))
        return shuffled[:sample]

    async def attempt(task: LibraryStatement | Problem, own: LeanWasmEnvironment) -> dict[str, Any] | None:
        if isinstance(task, Problem):
            return await explore(task, own)
        stated = await restate(task, own)
        return await explore(Problem.model_validate(stated["row"]), own) if stated["row"] else stated

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        return await run_mining(
            await tasks(),
            attempt,
            environment=lean_environments(settings),
            about={
                "what": "outcomes",
                "problems": problems,
                "imports": imports,
                "exploration": asdict(exploration),
                "sample": sample,
                "seed": seed,
            },
            word="closed at once",
            good=lambda row: bool(row.get("proved")),
            into=run,
            cancel=cancel,
        )

    done = finished(ctx, work, run.output)
    states = [state for row in done for state in row.get("states", ())]
    tried = sum(len(state["attempts"]) for state in states)
    out.print(f"{tried} attempts at {len(states)} states of {len(done)} theorems; {run.output}", markup=False)
