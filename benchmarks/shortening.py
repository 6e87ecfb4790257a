"""How much shorter found proofs become after they are accepted, and what that takes.

    python -m benchmarks.shortening [SET] [--sample 60] [--effort 20]

Searches for a proof of each theorem of a set (`core`, or a file of problems) as `prover prove` does, and compares the
verified text as it was found with the one that is kept. Writes benchmarks/results/shortening.json, and after each
theorem a line to --log, where a run that was interrupted goes on.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.report import Report, Row
from prover.assembly.environments import lean_environment
from prover.assembly.policies import open_policy
from prover.bench.conditions import hardware
from prover.bench.problem_sets import Problem, read_problems
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.proving.prove import prove_theorem
from prover.proving.shortening.answers import searches
from prover.proving.shortening.steps import steps
from prover.settings import Settings

SEED = 0
WIDTH = 100


def drawn(problems: Sequence[Problem], sample: int | None) -> list[Problem]:
    """Return the true statements, so many of them as are asked for, in the order of the set."""
    true = [problem for problem in problems if not problem.canary]
    if sample is None or sample >= len(true):
        return true
    chosen = random.Random(SEED).sample(range(len(true)), sample)
    return [true[number] for number in sorted(chosen)]


async def measure(problems: Sequence[Problem], budget: SearchBudget, log: Path) -> list[dict[str, Any]]:
    """Prove each theorem that the log does not have yet; return all lines of the log that are asked for."""
    rows = _read(log)
    done = {row["name"] for row in rows}
    settings = Settings()
    environment = lean_environment(settings)
    try:
        async with open_policy(None, settings) as policy:
            with log.open("a") as out:
                for problem in problems:
                    if problem.name in done:
                        continue
                    record = await prove_theorem(
                        problem.theorem(), environment=environment, generator=policy, budget=budget, seed=SEED
                    )
                    rows.append({"name": problem.name, **lengths(record)})
                    out.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
                    out.flush()
    finally:
        await environment.close()
    names = {problem.name for problem in problems}
    return [row for row in rows if row["name"] in names]


def _read(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def lengths(record: ProofRecord) -> dict[str, Any]:
    """Return the lengths of a proof before and after, and what it took to make it shorter."""
    found, kept, shortening = record.search.tactics, record.proof_tactics, record.shortening
    if not record.proved or found is None or shortening is None:
        return {"proved": record.proved}
    before, after = "\n".join(found), "\n".join(kept)
    return {
        "proved": True,
        "before": before,
        "after": after,
        "changed": shortening.longer is not None,
        "search_effort": record.search.statistics.effort,
        "effort": shortening.effort,
        "seconds": shortening.elapsed_s,
        "by_clock": shortening.by_clock,
    }


def characters(text: str) -> int:
    """Return the length of a proof, however it is laid out."""
    return len(" ".join(text.split()))


def tactics(text: str) -> int:
    """Return the number of tactics of a proof: its steps, on however many lines, and what `<;>` joins to them."""
    return len(steps([text])) + text.count("<;>")


def rows_of(results: Sequence[dict[str, Any]]) -> list[Row]:
    """Return the figures."""
    proved = [row for row in results if "after" in row]
    if not proved:
        return []
    shorter = [row for row in proved if characters(row["after"]) < characters(row["before"])]
    texts = {"before": [row["before"] for row in proved], "after": [row["after"] for row in proved]}
    rows = [
        Row(f"proofs that became shorter, of {len(proved)}", (len(shorter),), "", digits=0),
        Row("proofs that rest on a search", (sum(map(searches, texts["after"])),), "", 0, digits=0),
        Row("longest line", (max(2 + len(line) for text in texts["after"] for line in text.split("\n")),), "", WIDTH),
    ]
    for when, all_of_them in texts.items():
        rows.append(Row(f"mean length {when}", (_mean(characters(text) for text in all_of_them),), "characters"))
        rows.append(Row(f"mean length {when}", (_mean(tactics(text) for text in all_of_them),), "tactics"))
    some = [row for row in proved if tactics(row["before"]) > 1]
    for when in ("before", "after") if some else ():
        mean = _mean(characters(row[when]) for row in some)
        rows.append(Row(f"mean length {when}, of the {len(some)} with several tactics", (mean,), "characters"))
    rows.append(Row("mean effort of the search", (_mean(row["search_effort"] for row in proved),), "units", digits=3))
    rows.append(Row("mean effort of shortening", (_mean(row["effort"] for row in proved),), "units", 2.0, digits=3))
    rows.append(Row("time of shortening, with verification", tuple(row["seconds"] for row in proved), "s"))
    return rows


def _mean(values: Any) -> float:
    found = [float(value) for value in values]
    return sum(found) / len(found)


@click.command()
@click.argument("problem_set", default="core")
@click.option("--sample", type=int, help="So many theorems, drawn at random; otherwise all.")
@click.option("--effort", default=20.0, show_default=True, help="Units of effort for each search.")
@click.option("--log", type=click.Path(path_type=Path), default=Path("runs/shortening.jsonl"), show_default=True)
def main(problem_set: str, sample: int | None, effort: float, log: Path) -> None:
    """Measure."""
    machine = hardware()
    problems = drawn(read_problems(problem_set), sample)
    log.parent.mkdir(parents=True, exist_ok=True)
    budget = SearchBudget(expansions=2000, effort=effort)
    results = asyncio.run(measure(problems, budget, log))
    command = f"python -m benchmarks.shortening {' '.join(sys.argv[1:])}".strip()
    about = {"effort": effort, "theorems": len(problems), "proved": sum(row["proved"] for row in results)}
    report = Report("shortening", command, SEED, about, machine, rows_of(results))
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
