"""Does what was learned prove more? Closers against closers in the order of a model, theorem by theorem.

    python -m benchmarks.learning run library --model FOLDER --output runs/learning [--sample 400] [--resume]
    python -m benchmarks.learning run minif2f.jsonl --model FOLDER --output runs/learning-minif2f
    python -m benchmarks.learning replay runs/outcomes
    python -m benchmarks.learning report "reserved library=runs/learning" ... --model FOLDER

Every arm gets the same theorems, the same outcomes of tactics (each asked of Lean once, so each costs all arms the
same) and as many of Lean's own seconds. One search up to the largest budget answers for all smaller ones. Three arms:
the closers in their own order; in the order of the model's table alone, the same for all goals; in the model's order.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks.learned.arms import StaticRanker, compare
from benchmarks.learned.curves import cactus
from benchmarks.learned.replays import replay_table, replays
from benchmarks.learned.tables import BASE, EXPANSIONS, MODEL, SECONDS, STATIC, budget_table, training_table
from prover.budget import SearchBudget
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.evaluate.conditions import commit, hardware, versions
from prover.evaluate.problem_sets import Problem, read_problems
from prover.evaluate.results import RESULTS, RUN, ResultsFile
from prover.evaluate.work import Task, run_tasks
from prover.language_model.embedded import EmbeddedRanker
from prover.library import LibrarySource
from prover.mine.statements import LibraryStatement, library_statements, restate
from prover.policy.closers import ClosersPolicy
from prover.policy.generator import TacticGenerator
from prover.policy.premises import PremiseSource
from prover.policy.ranking import RankedClosers
from prover.ranking import FamilyTable
from prover.reserved import is_reserved
from prover.settings import Settings
from prover.small_model import FOLDER
from prover.wiring import lean_environment, lean_library

console = Console(stderr=True, highlight=False)
HERE = Path(__file__).parent
HEADING = "## Figures\n"


class _Lines:
    def started(self, worker: int, task: Task, /) -> None:
        """Say nothing."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        arms = result.get("arms") or {}
        shown = ", ".join(f"{n} {a['lean_s']:.2f} s" if a["proved"] else f"{n} -" for n, a in sorted(arms.items()))
        console.print(f"{result['problem']}: {result['error'] or result.get('one_liner') or shown}", markup=False)


@click.group()
def main() -> None:
    """Compare orders of the closers' candidates."""


@main.command()
@click.argument("problem_set")
@click.option("--output", type=click.Path(path_type=Path), required=True)
@click.option("--model", "folder", type=click.Path(path_type=Path, exists=True), default=FOLDER,
              help="The model's folder.  [default: what make small-model made]")  # fmt: skip
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
    folder: Path,
    lean_seconds: float,
    expansions: int,
    candidates: int,
    sample: int | None,
    seed: int,
    workers: int,
    resume: bool,
) -> None:
    """Search with every arm. Stopped at any time, what is done is a random sample; --resume goes on."""
    settings = Settings()
    library = PremiseSource(lean_library(settings))
    arms: dict[str, TacticGenerator] = {
        BASE: ClosersPolicy(library),
        STATIC: RankedClosers(StaticRanker(FamilyTable.read(folder), STATIC), library),
        MODEL: RankedClosers(EmbeddedRanker(folder), library),
    }
    budget = SearchBudget(
        timeout_s=lean_seconds, expansions=expansions, candidates=candidates, tactic_timeout_s=lean_seconds
    )
    about = {
        "set": Path(problem_set).name,
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
        return await compare(task, own, arms, budget)

    async def work() -> None:
        left = await _reserved(problem_set, lean_library(settings))
        chosen = random.Random(seed).sample(left, len(left))[:sample]
        with ResultsFile(output, about, resume=resume) as results:
            await run_tasks(
                chosen,
                results,
                environment=lambda: lean_environment(settings),
                attempt=attempt,
                failed=lambda task: {"problem": task.name},
                workers=workers,
                watcher=_Lines(),
            )

    asyncio.run(work())


async def _reserved(problem_set: str, library: LibrarySource) -> list[Problem | LibraryStatement]:
    """Return the theorems of a set that are kept for evaluation; `library`: all those of Init."""
    if problem_set == "library":
        return [*library_statements(await library(("Init",)), ("Init",), reserved=True)]
    rows = [row for row in read_problems(problem_set) if not row.canary]
    left = [row for row in rows if any(is_reserved(name, row.statement) for name in row.forbid or [row.name])]
    if len(left) < len(rows):
        console.print(f"{len(rows) - len(left)} of {len(rows)} are not reserved for evaluation: left out")
    return [*left]


@main.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--kinds", default=8, show_default=True)
@click.option("--folds", default=5, show_default=True)
@click.option("--fewest", default=20, show_default=True, help="Attempts of a family that is ranked.")
@click.option("--seed", default=0, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, exists=True, file_okay=False), default=HERE / "results",
              help="Folder of learning-replays.json.  [default: benchmarks/results]")  # fmt: skip
def replay(outcomes: tuple[Path, ...], output: Path, **options: int) -> None:
    """Put attempts that were mined into orders that other theorems have taught; print a table. Needs torch."""
    rows = replays(outcomes, **options)
    found = {"options": options, "commit": commit(), "states": rows}
    (output / "learning-replays.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")
    click.echo(replay_table(rows))


@main.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--model", "folder", type=click.Path(path_type=Path, exists=True), default=FOLDER)
@click.option("--output", type=click.Path(path_type=Path, exists=True, file_okay=False), default=HERE,
              help="Folder of learning.md.  [default: benchmarks]")  # fmt: skip
def report(runs: tuple[str, ...], folder: Path, output: Path) -> None:
    """Write the figures of runs (NAME=FOLDER ...) into learning.md, below its line `## Figures`, with plots."""
    figures: dict[str, Any] = {}
    milliseconds = reading_ms(folder)
    parts = [
        f"### Training\n\n{training_table(folder)}",
        f"To read a goal takes {milliseconds:.0f} ms on one core (median), and search goes on meanwhile where it can.",
    ]
    for each in runs:
        name, _, run_folder = each.rpartition("=")
        about = json.loads((Path(run_folder) / RUN).read_text())
        lines = (Path(run_folder) / RESULTS).read_text().splitlines(keepends=True)
        done = [json.loads(line) for line in lines if line.endswith("\n")]  # the last one may have been cut off
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
            parts.append(budget_table(rows, what, [b for b in budgets if b <= most], unit))
            curves = {a: [r["arms"][a][what] for r in rows if r["arms"][a]["proved"]] for a in about["arms"]}
            plot = f"learning-{slug}-{what.split('_')[0]}.svg"
            (output / plot).write_text(cactus(curves, len(rows), unit))
            parts.append(f"![theorems proved against {unit}]({plot})")
        machine = about["hardware"]
        parts.append(
            f"Seed {about['seed']}, {budget['candidates']} candidates at a time; {machine['cpu']}, {machine['cores']} "
            f"cores; {', '.join(f'{what} {version}' for what, version in about['versions'].items())}."
        )
        small = [{**row, "arms": {a: {k: v for k, v in arm.items() if k not in {"proof", "sources"}}
                                  for a, arm in row["arms"].items()}} for row in rows]  # fmt: skip
        figures[name] = {"about": about, "commit": commit(), "one_liners": one, "rows": small}
    page = output / "learning.md"
    text = page.read_text() if page.exists() else f"# What learning adds\n\n{HEADING}"
    page.write_text(text[: text.index(HEADING) + len(HEADING)] + "\n" + "\n\n".join(parts) + "\n")
    (output / "results").mkdir(exist_ok=True)
    (output / "results" / "learning.json").write_text(json.dumps(figures, ensure_ascii=False) + "\n")


def reading_ms(folder: Path) -> float:
    """Return how long the model takes to order 100 candidates at a goal, the median over texts as long as goals."""
    ranker = EmbeddedRanker(folder)
    families = (FamilyTable.read(folder).families * 100)[:100]
    taken = []
    for problem in read_problems("core")[:40]:
        began = time.perf_counter()
        ranker.order(problem.statement, ["Nat.add_comm", "Nat.le_trans"], families, [0] * len(families))
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
