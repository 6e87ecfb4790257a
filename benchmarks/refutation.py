"""How many false statements are refuted, how quickly, and whether anything true is.

    python -m benchmarks.refutation [--effort 10] [--true 1000]

The false ones are benchmarks/problems/false.jsonl. The true ones are those of `core`, and theorems of Lean's library
drawn at random and written out as a user would. Writes benchmarks/results/refutation.json, and after each statement a
line to --log, where a run that was interrupted goes on.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.report import Report, Row
from prover.assembly.environments import lean_environment
from prover.bench.conditions import hardware
from prover.bench.problem_sets import read_problems
from prover.bench.summary import wilson_interval
from prover.core.theorem import Theorem
from prover.data.mining.statements import LibraryStatement, library_statements, restate
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.refute import EFFORT, refute
from prover.refutation.negation import can_be_negated
from prover.settings import Settings

FALSE = Path(__file__).parent / "problems" / "false.jsonl"
SEED = 0
Statements = dict[str, tuple[str, Theorem | LibraryStatement]]
"""Kind and statement by name; a theorem of the library is written out when its turn comes."""


def false_statements() -> Statements:
    """Return the false statements that ship."""
    return {problem.name: (f"false: {problem.group}", problem.theorem()) for problem in read_problems(str(FALSE))}


async def true_statements(count: int, environment: LeanWasmEnvironment) -> Statements:
    """Return so many true statements: those of `core`, the others from the library."""
    found: Statements = {p.name: ("true", p.theorem()) for p in read_problems("core") if not p.canary}
    library = library_statements(await environment.library(("Init",)), ("Init",))
    random.Random(SEED).shuffle(library)
    found |= {statement.name: ("true", statement) for statement in library[: max(0, count - len(found))]}
    return dict(list(found.items())[:count])


async def measure(
    statements: Statements, effort: float, environment: LeanWasmEnvironment, log: Path
) -> list[dict[str, Any]]:
    """Try to refute each statement that the log does not have yet; return all lines of the log."""
    rows = _read(log)
    done = {row["name"] for row in rows}
    with log.open("a") as out:
        for name, (kind, statement) in statements.items():
            if name in done:
                continue
            row = {"name": name, "kind": kind, **await _tried(statement, effort, environment)}
            rows.append(row)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    return [row for row in rows if row["name"] in statements]


def _read(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


async def _tried(
    statement: Theorem | LibraryStatement, effort: float, environment: LeanWasmEnvironment
) -> dict[str, Any]:
    if isinstance(statement, LibraryStatement):
        written = await restate(statement, environment)
        if written["row"] is None:
            return {"refuted": None, "seconds": 0.0, "problem": written["error"]}
        theorem = Theorem.from_text(written["row"]["statement"])
    else:
        theorem = statement
    if not can_be_negated(theorem):
        return {"refuted": None, "seconds": 0.0, "problem": "not tried"}
    started = time.monotonic()
    try:
        found = await refute(theorem, environment, effort=effort)
    except InvalidTheoremError as error:
        return {"refuted": None, "seconds": 0.0, "problem": error.reason}
    return {"refuted": found is not None, "seconds": time.monotonic() - started, "by": found and found.in_words}


def rows_of(results: Sequence[dict[str, Any]]) -> list[Row]:
    """Return the figures."""
    left_out = sum(row["refuted"] is None for row in results)
    results = [row for row in results if row["refuted"] is not None]
    false = [row for row in results if row["kind"] != "true"]
    true = [row for row in results if row["kind"] == "true"]
    refuted = [row for row in false if row["refuted"]]
    rows = [Row("statements that could not be tried", (left_out,), "", digits=0)]
    if false:
        low, high = wilson_interval(len(refuted), len(false))
        share = f"false statements refuted ({len(refuted)} of {len(false)}, {low:.0%} to {high:.0%})"
        rows.append(Row(share, (100 * len(refuted) / len(false),), "%", 90, "higher", 1))
        kinds, done = (Counter(row["kind"] for row in some) for some in (false, refuted))
        rows += [Row(kind, (done[kind],), f"of {kinds[kind]}", digits=0) for kind in sorted(kinds)]
    if refuted:
        rows.append(Row("time to a verified refutation", tuple(row["seconds"] for row in refuted), "s", 1.0))
    if true:
        wrong = sum(row["refuted"] for row in true)
        rows.append(Row(f"true statements refuted, of {len(true)}", (wrong,), "", 0, digits=0))
        rows.append(Row("time to give up on a true statement", tuple(row["seconds"] for row in true), "s"))
    return rows


@click.command()
@click.option("--effort", default=EFFORT, show_default=True, help="Units of effort for each statement.")
@click.option("--true", "true", default=1000, show_default=True, help="So many true statements.")
@click.option("--log", type=click.Path(path_type=Path), default=Path("runs/refutation.jsonl"), show_default=True)
def main(effort: float, true: int, log: Path) -> None:
    """Measure."""
    machine = hardware()

    async def work() -> list[dict[str, Any]]:
        environment = lean_environment(Settings())
        try:
            statements = false_statements() | await true_statements(true, environment)
            log.parent.mkdir(parents=True, exist_ok=True)
            return await measure(statements, effort, environment, log)
        finally:
            await environment.close()

    results = asyncio.run(work())
    command = f"python -m benchmarks.refutation {' '.join(sys.argv[1:])}".strip()
    report = Report("refutation", command, SEED, {"effort": effort}, machine, rows_of(results))
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
