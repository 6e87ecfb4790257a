"""Does what was learned prove more? Closers against closers in the order of a model, theorem by theorem.

    python -m benchmarks.learning run library --output runs/learning [--sample 400] [--resume]
    python -m benchmarks.learning run minif2f.jsonl --output runs/learning-minif2f
    python -m benchmarks.learning report "reserved library=runs/learning" ... --output benchmarks

Every arm gets the same theorems, the same outcomes of tactics (each asked of Lean once, so each costs all arms the
same) and as many of Lean's own seconds. One search up to the largest budget answers for all smaller ones.
"""

from __future__ import annotations

import asyncio
import json
import random
from math import comb
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks.learned.arms import StaticRanker, compare
from benchmarks.learned.curves import cactus
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
BUDGETS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
BUDGETS_EXPANSIONS = (1, 2, 4, 8, 16, 32, 64)
BASE = "closers"


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
@click.option("--model", "folders", multiple=True, type=click.Path(path_type=Path, exists=True),
              help="Folders of rankers, NAME is the folder's.  [default: the one that ships]")  # fmt: skip
@click.option("--lean-seconds", default=4.0, show_default=True)
@click.option("--expansions", default=64, show_default=True)
@click.option("--candidates", default=32, show_default=True)
@click.option("--sample", type=int)
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--resume", is_flag=True)
def run(
    problem_set: str,
    output: Path,
    folders: tuple[Path, ...],
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
    arms: dict[str, TacticGenerator] = {BASE: ClosersPolicy(library)}
    for folder in folders or (FOLDER,):
        name = "model" if folder == FOLDER else folder.name
        arms[f"static order of {name}"] = RankedClosers(StaticRanker(FamilyTable.read(folder), name), library)
        arms[name] = RankedClosers(EmbeddedRanker(folder), library)
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


def mcnemar(won: int, lost: int) -> float:
    """Return the exact two-sided p of so many discordant pairs."""
    n, k = won + lost, min(won, lost)
    return min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def _within(arm: dict[str, Any], what: str, most: float) -> bool:
    return bool(arm["proved"]) and arm[what] <= most


def _table(rows: list[dict[str, Any]], arms: list[str], what: str, budgets: tuple[float, ...], unit: str) -> list[str]:
    head = " | ".join(f"{name} | won : lost, p" if name != BASE else name for name in arms)
    lines = [f"| {unit} | {head} |", "|" + "---|" * (2 * len(arms))]
    for most in budgets:
        cells = [f"{most:g}"]
        for name in arms:
            solved = [_within(row["arms"][name], what, most) for row in rows]
            cells.append(str(sum(solved)))
            if name != BASE:
                base = [_within(row["arms"][BASE], what, most) for row in rows]
                won = sum(a and not b for a, b in zip(solved, base, strict=True))
                lost = sum(b and not a for a, b in zip(solved, base, strict=True))
                cells.append(f"{won} : {lost}, {mcnemar(won, lost):.3g}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


@main.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Folder for learning-*.svg and .json.")
def report(runs: tuple[str, ...], output: Path) -> None:
    """Print the tables of runs (NAME=FOLDER ...) and draw the plots."""
    figures = {}
    for each in runs:
        name, _, folder = each.rpartition("=")
        about = json.loads((Path(folder) / RUN).read_text())
        done = [json.loads(line) for line in (Path(folder) / RESULTS).read_text().splitlines()]
        rows = [row for row in done if row.get("arms")]
        one = sum(bool(row.get("one_liner")) for row in done)
        arms = sorted(about["arms"], key=lambda arm: (arm != BASE, not arm.startswith("static"), arm))
        budget = about["budget"]
        seconds = tuple(b for b in BUDGETS_S if b <= budget["timeout_s"])
        expansions = tuple(b for b in BUDGETS_EXPANSIONS if b <= budget["expansions"])
        click.echo(
            f"\n**{name}.** {len(done)} theorems: {one} are proved by a one-liner and left out, "
            f"{sum(bool(row['error']) for row in done)} do not elaborate, {len(rows)} are compared.\n"
        )
        click.echo("\n".join(_table(rows, arms, "lean_s", seconds, "Lean seconds")) + "\n")
        click.echo("\n".join(_table(rows, arms, "expansions", expansions, "expansions")) + "\n")
        walls = ", ".join(f"{arm} {sum(row['arms'][arm]['tactics'] for row in rows)}" for arm in arms)
        click.echo(f"Tactics tried in all: {walls}.")
        slug = name.split(",")[0].replace(" ", "-").lower()
        for what, unit in (("lean_s", "Lean seconds"), ("expansions", "expansions")):
            curves = {a: [row["arms"][a][what] for row in rows if row["arms"][a]["proved"]] for a in arms}
            (output / f"learning-{slug}-{what.split('_')[0]}.svg").write_text(cactus(curves, len(rows), unit))
        small = [{**row, "arms": {a: {k: v for k, v in arm.items() if k not in {"proof", "sources"}}
                                  for a, arm in row["arms"].items()}} for row in rows]  # fmt: skip
        figures[name] = {"about": about, "commit": commit(), "one_liners": one, "rows": small}
    (output / "results" / "learning.json").write_text(json.dumps(figures, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
