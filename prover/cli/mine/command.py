"""`prover mine`: statements, proofs and proof steps to learn from."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from prover.assembly.environments import lean_library
from prover.assembly.policies import open_policy
from prover.bench.problem_sets import Problem, read_problems
from prover.cli.extras import needs_data
from prover.cli.mine.run import chosen, finished, run_mining, run_options
from prover.cli.options.budget import budget_options
from prover.cli.options.model import policy_options
from prover.cli.run import Stop
from prover.cli.show import console, out
from prover.core.budget import SearchBudget
from prover.environments.lean_wasm.environment import LIBRARIES, LeanWasmEnvironment
from prover.settings import Settings
from prover.storage.cache import MemoryCache

STATEMENTS = "statements.jsonl"
BUDGET = SearchBudget(effort=10.0, expansions=200)


_imports = click.option(
    "--imports", type=click.Choice(LIBRARIES), default="Init", show_default=True, help="Which library."
)
_sample = click.option("--sample", type=click.IntRange(1), help="Only so many, chosen at random by --seed.")
_seed = click.option("--seed", type=int, default=0, show_default=True)


@click.group()
def mine() -> None:
    """Mine training data with the embedded Lean.

    Nothing is mined of what is reserved for evaluation: a tenth of the library's theorems by name, and miniF2F. Kill a
    run at any time; the same command with --resume goes on.
    """


@mine.command()
@_imports
@click.option("--reserved", is_flag=True, help="Those kept for evaluation instead: a problem set for `prover bench`.")
@_sample
@_seed
@run_options
@click.pass_context
@needs_data
def statements(
    ctx: click.Context,
    imports: str,
    reserved: bool,
    sample: int | None,
    seed: int,
    output: Path,
    resume: bool,
    workers: int,
) -> None:
    """State the library's theorems as problems: each printed by Lean, and read again by Lean.

    Writes statements.jsonl, a problem set in which each problem forbids the theorem that it is.

    \b
      prover mine statements --workers 2 --output runs/statements
    """  # noqa: D301
    from prover.data.mining.statements import library_statements, restate

    settings = Settings()

    async def tasks() -> Sequence[Any]:
        library = await lean_library(settings)((imports,))
        return chosen(library_statements(library, (imports,), reserved=reserved), sample, seed)

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        return await run_mining(
            await tasks(),
            restate,
            settings,
            about={"what": "statements", "imports": imports, "reserved": reserved, "sample": sample, "seed": seed},
            word="stated",
            good=lambda row: row["row"] is not None,
            output=output,
            resume=resume,
            workers=workers,
            cancel=cancel,
        )

    done = finished(ctx, work, output)
    rows = [row["row"] for row in done if row["row"]]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in sorted(rows, key=lambda row: str(row["name"])))
    (output / STATEMENTS).write_text(text, encoding="utf-8")
    out.print(f"{len(rows)} of {len(done)} theorems state again; {output / STATEMENTS}", markup=False)


@mine.command()
@click.argument("problems", metavar="FILE|library")
@_imports
@policy_options
@budget_options(BUDGET, each="theorem")
@click.option("--negatives", type=click.IntRange(0), default=0, show_default=True,
              help="Failed tactics kept with each step, at most.")  # fmt: skip
@click.option("--trees", is_flag=True, help="Keep whole search trees, with every state and attempt.")
@_sample
@_seed
@run_options
@click.pass_context
@needs_data
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
    output: Path,
    resume: bool,
    workers: int,
) -> None:
    """Search for proofs and keep the steps of those that verification accepts: state, tactic, premises.

    FILE is a problem set; `library` is every theorem of the embedded Lean's library that is not reserved.

    \b
      prover mine traces library --workers 2 --negatives 8 --output runs/traces
      prover mine traces runs/statements/statements.jsonl --model http://localhost:8000 --output runs/round-1
    """  # noqa: D301
    from prover.data.mining.statements import LibraryStatement, library_statements, restate
    from prover.data.mining.traces import TREES, MiningPremises, may_be_mined, mine_problem

    source = lean_library(settings)
    premises = MiningPremises(source)

    async def tasks() -> Sequence[LibraryStatement | Problem]:
        library = await source((imports,))
        if problems == "library":
            return chosen(library_statements(library, (imports,)), sample, seed)
        kept = premises.held_out_of(library)
        rows = [row for row in read_problems(problems) if not row.canary]
        free = [row for row in rows if may_be_mined(row, kept)]
        if len(free) < len(rows):
            console.print(f"{len(rows) - len(free)} of {len(rows)} problems are reserved for evaluation: left out")
        return chosen(free, sample, seed)

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        async with open_policy(policy_name, settings, cache=MemoryCache(), library=premises) as generator:
            prove = partial(
                mine_problem,
                generator=generator,
                premises=premises,
                budget=budget,
                seed=seed,
                negatives=negatives,
                trees=output / TREES if trees else None,
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
                (output / TREES).mkdir(parents=True, exist_ok=True)
            return await run_mining(
                await tasks(),
                attempt,
                settings,
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
                output=output,
                resume=resume,
                workers=workers,
                cancel=cancel,
            )

    done = finished(ctx, work, output)
    proved = [row for row in done if row.get("proved")]
    count = sum(len(row["steps"]) for row in proved)
    out.print(f"proved {len(proved)} of {len(done)}: {count} steps; {output}", markup=False)


@mine.command()
@click.argument("problems", metavar="FILE|library")
@_imports
@click.option("--depth", type=click.IntRange(0), default=1, show_default=True, help="States below the first.")
@_sample
@_seed
@run_options
@click.pass_context
@needs_data
def outcomes(
    ctx: click.Context,
    problems: str,
    imports: str,
    depth: int,
    sample: int | None,
    seed: int,
    output: Path,
    resume: bool,
    workers: int,
) -> None:
    """Try the closers' tactics in random order and keep what became of each: to train a ranking of candidates.

    FILE is a problem set; `library` is every theorem of the embedded Lean's library that is not reserved, in an order
    that --seed decides: stopped at any time, what is done is a random sample.

    \b
      prover mine outcomes library --workers 2 --output runs/outcomes
    """  # noqa: D301
    from prover.data.mining.outcomes import Exploration, explore_problem
    from prover.data.mining.statements import LibraryStatement, library_statements, restate
    from prover.data.mining.traces import MiningPremises, may_be_mined

    settings = Settings()
    source = lean_library(settings)
    premises = MiningPremises(source)
    exploration = Exploration(depth=depth)
    explore = partial(explore_problem, premises=premises, exploration=exploration, seed=seed)

    async def tasks() -> Sequence[LibraryStatement | Problem]:
        library = await source((imports,))
        found: list[LibraryStatement | Problem] = []
        if problems == "library":
            found += library_statements(library, (imports,))
        else:
            kept = premises.held_out_of(library)
            found += [row for row in read_problems(problems) if not row.canary and may_be_mined(row, kept)]
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
            settings,
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
            output=output,
            resume=resume,
            workers=workers,
            cancel=cancel,
        )

    done = finished(ctx, work, output)
    states = [state for row in done for state in row.get("states", ())]
    tried = sum(len(state["attempts"]) for state in states)
    out.print(f"{tried} attempts at {len(states)} states of {len(done)} theorems; {output}", markup=False)


@mine.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@run_options
@click.pass_context
@needs_data
def project(ctx: click.Context, files: tuple[Path, ...], output: Path, resume: bool, workers: int) -> None:
    """Take the steps of proofs in Lean files (or folders of them) that the embedded Lean can read.

    Proofs are followed tactic by tactic; those that cannot be, and proofs that are terms, are left out.

    \b
      prover mine project MyProject/ --output runs/project
    """  # noqa: D301
    from prover.data.mining.project import ProjectFile, mine_file

    settings = Settings()
    tasks = [
        ProjectFile(str(path.relative_to(given)) if path != given else path.name, path)
        for given in files
        for path in ([given] if given.is_file() else sorted(given.rglob("*.lean")))
    ]
    if len({task.name for task in tasks}) < len(tasks):
        tasks = [ProjectFile(str(task.path), task.path) for task in tasks]

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        library = await lean_library(settings)(("Init",))
        known = {theorem.name: number for number, theorem in enumerate(library.theorems)}
        return await run_mining(
            tasks,
            partial(mine_file, known=known),
            settings,
            about={"what": "project", "files": [task.name for task in tasks]},
            word="files",
            good=lambda row: row["error"] is None,
            output=output,
            resume=resume,
            workers=workers,
            cancel=cancel,
        )

    done = finished(ctx, work, output)
    theorems = [theorem for row in done for theorem in row.get("theorems", ())]
    followed = [theorem for theorem in theorems if theorem["steps"]]
    out.print(
        f"followed {len(followed)} of {len(theorems)} proofs in {len(done)} files: "
        f"{sum(len(theorem['steps']) for theorem in followed)} steps; {output}",
        markup=False,
    )
    for row in done:
        if row["error"]:
            console.print(f"{row['problem']}: {row['error']}", markup=False)
