"""Expert iteration: `prover mine traces library` with the small Llama.

python -m research.traces FOLDER --sample 4000 --seed 1 --workers 2 --output runs/round-1
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from prover.assembly.environments import lean_library
from prover.bench.problem_sets import Problem
from prover.cli.mining import chosen, finished, run_mining, run_options
from prover.cli.run import Stop
from prover.core.budget import SearchBudget
from prover.data.mining.statements import LibraryStatement, library_statements, restate
from prover.data.mining.traces import MiningPremises, mine_problem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.settings import Settings
from research.policy import TURNS, llama_policy

IMPORTS = ("Init",)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--turns", default=TURNS, show_default=True, help="How closers and model take turns at a state.")
@click.option("--effort", type=float, default=3.0, show_default=True)
@click.option("--expansions", type=int, default=200, show_default=True)
@click.option("--sample", type=int, help="Only so many theorems, chosen at random by --seed.")
@click.option("--seed", type=int, default=0, show_default=True)
@run_options
@click.pass_context
def main(
    ctx: click.Context,
    folder: Path,
    turns: str,
    effort: float,
    expansions: int,
    sample: int | None,
    seed: int,
    output: Path,
    resume: bool,
    workers: int,
) -> None:
    """Search for proofs of library theorems with the Llama in FOLDER; keep the steps of those that are verified."""
    settings = Settings()
    library = lean_library(settings)
    premises = MiningPremises(library)
    budget = SearchBudget(effort=effort, expansions=expansions)

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        async with llama_policy(folder, premises, turns=turns) as generator:

            async def attempt(task: LibraryStatement, own: LeanWasmEnvironment) -> dict[str, Any] | None:
                stated = await restate(task, own)
                if stated["row"] is None:
                    return {**stated, "proved": False}
                found = await mine_problem(
                    Problem.model_validate(stated["row"]),
                    own,
                    generator=generator,
                    premises=premises,
                    budget=budget,
                    seed=seed,
                    negatives=0,
                    trees=None,
                    cancel=cancel,
                )
                return found and {**found, "row": stated["row"]}

            return await run_mining(
                chosen(library_statements(await library(IMPORTS), IMPORTS), sample, seed),
                attempt,
                settings,
                about={
                    "what": "traces",
                    "policy": generator.identity,
                    "budget": budget.model_dump(),
                    "sample": sample,
                    "seed": seed,
                },
                word="proved",
                good=lambda row: bool(row.get("proved")),
                output=output,
                resume=resume,
                workers=workers,
                cancel=cancel,
            )

    done = finished(ctx, work, output)
    click.echo(f"proved {sum(bool(row.get('proved')) for row in done)} of {len(done)}; {output}")


if __name__ == "__main__":
    main()
