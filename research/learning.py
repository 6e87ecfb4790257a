"""Does what was learned prove more? Policies against each other, theorem by theorem.

    python -m research.learning run library --arm closers --arm base=small:FOLDER ... --output runs/learning
    python -m research.learning run minif2f.jsonl --arm closers --arm small --output runs/learning-minif2f
    python -m research.learning replay runs/outcomes
    python -m research.learning report "reserved library=runs/learning" ... --training base=runs/base

An arm is a policy: `closers`, `ranked:FOLDER` (in the order that was learned), `model:FOLDER` (the small model alone),
`small:FOLDER` (both, as `prover prove` takes them; in other turns with `@TURNS` behind), each with a name before it if
you like. Besides `library` (what is held out of it) and files there is `practice`: theorems of the library that are not
held out, to choose on. Every arm gets the same theorems, the same outcomes of tactics (each asked of Lean once, so each
costs all arms the same) and as many of Lean's own seconds. One search up to the largest budget answers for all smaller
ones.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from prover.assembly.environments import lean_environment, lean_environments, lean_library
from prover.bench.conditions import commit, hardware, versions
from prover.bench.problem_sets import Problem, read_problems
from prover.bench.results import RESULTS, RUN, ResultsFile
from prover.bench.work import Task, run_tasks
from prover.core.budget import SearchBudget
from prover.core.held_out import is_held_out
from prover.core.library import LibrarySource
from prover.data.mining.statements import LibraryStatement, library_statements, restate
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.models.model import Sampling
from prover.policies.llm.prompts.prompt import Query
from prover.policies.premises.retrieval import PremiseSource
from prover.settings import Settings
from research.embedded import EmbeddedModel
from research.learned.arms import Arm, compare
from research.learned.curves import cactus
from research.learned.replays import replay_table, replays
from research.learned.tables import EXPANSIONS, SECONDS, budget_table, perplexity_table, share_table
from research.pointers import PointerFormat

console = Console(stderr=True, highlight=False)
HERE = Path(__file__).parent
HEADING = "## Figures\n"
PLOTS = "plots"


class _Lines:
    def started(self, worker: int, task: Task, /) -> None:
        """Say nothing."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        arms = result.get("arms") or {}
        shown = ", ".join(f"{n} {a['lean_s']:.2f} s" if a["proved"] else f"{n} -" for n, a in sorted(arms.items()))
        console.print(f"{result['problem']}: {result['error'] or result.get('one_liner') or shown}", markup=False)


@click.group()
def main() -> None:
    """Compare policies."""


@main.command()
@click.argument("problem_set")
@click.option("--output", type=click.Path(path_type=Path), required=True)
@click.option(
    "--arm",
    "specs",
    multiple=True,
    required=True,
    metavar="[NAME=]POLICY[:FOLDER][@TURNS]",
    help="The first is the base.",
)
@click.option("--mined", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Runs of `prover mine` whose theorems are left out.")  # fmt: skip
@click.option("--lean-seconds", default=3.0, show_default=True)
@click.option("--expansions", default=64, show_default=True)
@click.option("--candidates", default=32, show_default=True)
@click.option("--sample", type=int)
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--resume", is_flag=True)
def run(
    problem_set: str,
    output: Path,
    specs: tuple[str, ...],
    mined: tuple[Path, ...],
    lean_seconds: float,
    expansions: int,
    candidates: int,
    sample: int | None,
    seed: int,
    workers: int,
    resume: bool,
) -> None:
    """Search with every arm. Stopped at any time, what is done is a random sample; --resume goes on."""
    budget = SearchBudget(
        timeout_s=lean_seconds, expansions=expansions, candidates=candidates, tactic_timeout_s=lean_seconds
    )
    asyncio.run(_run(problem_set, output, specs, mined, budget, sample, seed, workers, resume=resume))


async def _run(
    problem_set: str,
    output: Path,
    specs: Sequence[str],
    mined: Sequence[Path],
    budget: SearchBudget,
    sample: int | None,
    seed: int,
    workers: int,
    *,
    resume: bool,
) -> None:
    settings = Settings()
    library = PremiseSource(lean_library(settings))
    async with AsyncExitStack() as stack:
        arms = {arm.name: await stack.enter_async_context(arm.open(library)) for arm in map(Arm.of, specs)}
        about = {
            "set": Path(problem_set).name,
            "left out": [folder.name for folder in mined],
            "seed": seed,
            "budget": budget.model_dump(),
            "arms": {name: arm.identity for name, arm in arms.items()},
            "environment": lean_environment(settings).identity,
            "versions": versions(),
            "hardware": {name: value for name, value in hardware().items() if name != "load"},
        }

        async def attempt(task: Problem | LibraryStatement, own: LeanWasmEnvironment) -> dict[str, Any] | None:
            if isinstance(task, LibraryStatement):
                stated = await restate(task, own)
                if stated["row"] is None:
                    return stated
                task = Problem.model_validate(stated["row"])
            return await compare(task, own, arms, budget, seed)

        left = await _theorems(problem_set, lean_library(settings), mined)
        chosen = random.Random(seed).sample(left, len(left))[:sample]
        with ResultsFile(output, about, resume=resume) as results:
            await run_tasks(
                chosen,
                results,
                environment=lean_environments(settings),
                attempt=attempt,
                failed=lambda task: {"problem": task.name},
                workers=workers,
                watcher=_Lines(),
            )


async def _theorems(
    problem_set: str, library: LibrarySource, mined: Sequence[Path]
) -> list[Problem | LibraryStatement]:
    """Return the theorems of a set that are kept for evaluation; `library`: all those of Init; `practice`: others."""
    if problem_set in {"library", "practice"}:
        known = {row["problem"] for folder in mined for row in _rows(folder)}
        found = library_statements(await library(("Init",)), ("Init",), held_out=problem_set == "library")
        return [statement for statement in found if statement.name not in known]
    rows = [row for row in read_problems(problem_set) if not row.canary]
    left = [row for row in rows if any(is_held_out(name, row.statement) for name in row.forbid or [row.name])]
    if len(left) < len(rows):
        console.print(f"{len(rows) - len(left)} of {len(rows)} are not held out for evaluation: left out")
    return [*left]


@main.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--folds", default=5, show_default=True)
@click.option("--fewest", default=20, show_default=True, help="Attempts of a family that is ranked.")
@click.option("--seed", default=0, show_default=True)
@click.option("--taught", multiple=True, type=int, help="Also with a table that only so many theorems have taught.")
@click.option("--output", type=click.Path(path_type=Path, exists=True, file_okay=False), default=HERE / "results",
              help="Folder of learning-replays.json.  [default: research/results]")  # fmt: skip
def replay(outcomes: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Put attempts that were mined into orders that other theorems have taught; print a table."""
    rows = replays(outcomes, **options)
    found = {"options": options, "commit": commit(), "states": rows}
    (output / "learning-replays.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")
    click.echo(replay_table(rows))


@main.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--training", "trained", multiple=True, metavar="NAME=FOLDER", help="Runs of `prover train`.")
@click.option("--model", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="The small model: what it costs to ask.")  # fmt: skip
@click.option("--share", "shared", nargs=2, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="A run with one arm, and one whose arms get a share of its time.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, exists=True, file_okay=False), default=HERE,
              help="Folder of learning.md.  [default: research]")  # fmt: skip
def report(
    runs: tuple[str, ...], trained: tuple[str, ...], folder: Path | None, shared: tuple[Path, Path] | None, output: Path
) -> None:
    """Write the figures of runs (NAME=FOLDER ...) into learning.md, below its line `## Figures`, with plots."""
    figures: dict[str, Any] = {}
    parts: list[str] = []
    if trained:
        named = [(name, Path(path)) for name, _, path in (each.rpartition("=") for each in trained)]
        parts.append(f"### Training\n\nPerplexity of what is held out:\n\n{perplexity_table(named)}")
    if folder:
        ms = asking_ms(folder)
        parts.append(f"To draw 32 steps for a state takes {ms:.0f} ms on one core (median of 40 states).")
    for each in runs:
        name, _, run_folder = each.rpartition("=")
        about = json.loads((Path(run_folder) / RUN).read_text())
        done = _rows(Path(run_folder))
        rows = [row for row in done if row.get("arms")]
        one = sum(bool(row.get("one_liner")) for row in done)
        budget = about["budget"]
        parts.append(
            f"### {name}\n\n{len(done)} theorems: {one} are proved by one of Lean's own tactics and left out, "
            f"{sum(bool(row['error']) for row in done)} cannot be stated, {len(rows)} are compared."
        )
        slug = name.split(",")[0].replace(" ", "-").lower()
        for what, unit, budgets, most in (
            ("lean_s", "Lean seconds", SECONDS, budget["timeout_s"]),
            ("expansions", "expansions", EXPANSIONS, budget["expansions"]),
        ):
            parts.append(budget_table(rows, list(about["arms"]), what, [b for b in budgets if b <= most], unit))
            curves = {a: [r["arms"][a][what] for r in rows if r["arms"][a]["proved"]] for a in about["arms"]}
            plot = f"learning-{slug}-{what.split('_')[0]}.svg"
            (output / PLOTS).mkdir(exist_ok=True)
            (output / PLOTS / plot).write_text(cactus(curves, len(rows), unit))
            parts.append(f"![theorems proved against {unit}]({PLOTS}/{plot})")
        machine = about["hardware"]
        parts.append(
            f"Seed {about['seed']}, {budget['candidates']} candidates at a time; {machine['cpu']}, {machine['cores']} "
            f"cores; {', '.join(f'{what} {version}' for what, version in about['versions'].items())}."
        )
        small = [{**row, "arms": {a: {k: v for k, v in arm.items() if k not in {"proof", "sources"}}
                                  for a, arm in row["arms"].items()}} for row in rows]  # fmt: skip
        figures[name] = {"about": about, "commit": commit(), "one_liners": one, "rows": small}
    if shared:
        first, others = ([row for row in _rows(run) if row.get("arms")] for run in shared)
        if not first or len(first[0]["arms"]) != 1:
            raise click.UsageError(f"{shared[0]}: a run with one arm, and results, goes first behind --share")
        arms = list(json.loads((shared[1] / RUN).read_text())["arms"])
        parts.append(f"### a share for another\n\n{share_table(first, others, arms)}")
    page = output / "learning.md"
    text = page.read_text() if page.exists() else f"# What learning adds\n\n{HEADING}"
    page.write_text(text[: text.index(HEADING) + len(HEADING)] + "\n" + "\n\n".join(parts) + "\n")
    (output / "results").mkdir(exist_ok=True)
    (output / "results" / "learning.json").write_text(json.dumps(figures, ensure_ascii=False) + "\n")


def _rows(run: Path) -> list[dict[str, Any]]:
    lines = (run / RESULTS).read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]  # the last one may have been cut off


def asking_ms(folder: Path) -> float:
    """Return how long the model takes to draw 32 steps for a state, the median over texts as long as states."""

    async def asked() -> list[float]:
        taken, model, prompts = [], EmbeddedModel(folder), PointerFormat()
        sampling = Sampling(n=32, temperature=1.0, max_tokens=prompts.max_tokens, stop=prompts.stop, seed=0)
        for problem in read_problems("core")[:40]:
            prompt = prompts.render(Query(problem.statement, premises=("Nat.add_comm", "Nat.le_trans")))
            began = time.perf_counter()
            await model.complete([prompt], sampling)
            taken.append(1000 * (time.perf_counter() - began))
        await model.close()
        return taken

    return statistics.median(asyncio.run(asked()))


if __name__ == "__main__":
    main()
