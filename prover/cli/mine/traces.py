"""`prover mine traces`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from prover.assembly.environments import lean_environments, lean_library
from prover.assembly.policies import open_policy
from prover.bench.problem_sets import Problem
from prover.cli.extras import needs
from prover.cli.mine.problems import problems_to_mine
from prover.cli.mine.run import (
    MiningRun,
    chosen,
    finished,
    imports_option,
    run_mining,
    run_options,
    sample_option,
)
from prover.cli.options.budget import budget_options
from prover.cli.options.model import policy_options
from prover.cli.options.work import seed_option
from prover.cli.run import Stop
from prover.cli.show import out
from prover.core.budget import SearchBudget
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.settings import Settings
from prover.storage.cache import MemoryCache

BUDGET = SearchBudget(effort=10.0, expansions=200)


@click.command()
@click.argument("problems", metavar="FILE|library")
@imports_option
@policy_options
@budget_options(BUDGET, each="theorem")
@click.option("--negatives", type=click.IntRange(0), default=0, show_default=True,
              metavar="N",
              help="Failed tactics to keep with each step, at most.")  # fmt: skip
@click.option("--trees", is_flag=True, help="Also keep the search trees, with every state and attempt.")
@sample_option
@seed_option()
@run_options
@click.pass_context
@needs("data")
def traces(
    ctx: click.Context,
    problems: str,
    imports: str,
    policy_name: str | None,
    settings: Settings,
    budget: SearchBudget,
    negatives: int,
    trees: bool,
    sample: int | None,
    seed: int,
    run: MiningRun,
) -> None:
    """Search for proofs and keep their steps.

    A step is a state, a tactic and its premises; only verified proofs count. FILE is a problem set; `library` stands
    for every theorem of the embedded Lean's library that is not held out.

    \b
      prover mine traces library --workers 2 --negatives 8 --output runs/traces
      prover mine traces runs/statements/statements.jsonl --model http://localhost:8000 --output runs/round-1
    """  # noqa: D301
    from prover.data.mining.statements import LibraryStatement, restate
    from prover.data.mining.traces import TREES, MiningPremises, mine_problem

    source = lean_library(settings)
    premises = MiningPremises(source)

    async def tasks() -> Sequence[LibraryStatement | Problem]:
        found = problems_to_mine(problems, imports, await source((imports,)), premises)
        return chosen(found, sample, seed)

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        async with open_policy(policy_name, settings, cache=MemoryCache(), library=premises) as generator:
            prove = partial(
                mine_problem,
                generator=generator,
                premises=premises,
                budget=budget,
                seed=seed,
                negatives=negatives,
                trees=run.output / TREES if trees else None,
                cancel=cancel,
            )

            async def attempt(task: LibraryStatement | Problem, own: LeanWasmEnvironment) -> dict[str, Any] | None:
                if isinstance(task, Problem):
                    return await prove(task, own)
                stated = await restate(task, own)
                if stated["row"] is None:
                    return {**stated, "proved": False}
                result = await prove(Problem.model_validate(stated["row"]), own)
                return result and {**result, "row": stated["row"]}

            if trees:
                (run.output / TREES).mkdir(parents=True, exist_ok=True)
            return await run_mining(
                await tasks(),
                attempt,
                environment=lean_environments(settings),
                about={
                    "what": "traces",
                    "problems": problems,
                    "imports": imports,
                    "policy": generator.identity,
                    "budget": budget.model_dump(),
                    "negatives": negatives,
                    "trees": trees,
                    "sample": sample,
                    "seed": seed,
                },
                word="proved",
                good=lambda row: bool(row.get("proved")),
                into=run,
                cancel=cancel,
            )

    done = finished(ctx, work, run.output)
    proved = [row for row in done if row.get("proved")]
    count = sum(len(row["steps"]) for row in proved)
    out.print(f"proved {len(proved)} of {len(done)}: {count} steps; {run.output}", markup=False)
