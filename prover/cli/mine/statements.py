"""`prover mine statements`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from prover.assembly.environments import lean_environments, lean_library
from prover.cli.extras import needs
from prover.cli.mine.run import (
    MiningRun,
    chosen,
    finished,
    imports_option,
    run_mining,
    run_options,
    sample_option,
)
from prover.cli.options.work import seed_option
from prover.cli.run import Stop
from prover.cli.show import out
from prover.settings import Settings

STATEMENTS = "statements.jsonl"


@click.command()
@imports_option
@click.option(
    "--held-out",
    is_flag=True,
    help="State the theorems held out for evaluation instead: a problem set for `prover bench`.",
)
@sample_option
@seed_option()
@run_options
@click.pass_context
@needs("data")
def statements(
    ctx: click.Context,
    imports: str,
    held_out: bool,
    sample: int | None,
    seed: int,
    run: MiningRun,
) -> None:
    """Turn the library's theorems into problems.

    Lean prints each theorem and reads it again. Writes statements.jsonl, a problem set in which no problem may be
    proved by the theorem it states.

    \b
      prover mine statements --workers 2 --output runs/statements
    """  # noqa: D301
    from prover.data.mining.statements import library_statements, restate

    settings = Settings()

    async def tasks() -> Sequence[Any]:
        library = await lean_library(settings)((imports,))
        return chosen(library_statements(library, (imports,), held_out=held_out), sample, seed)

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        return await run_mining(
            await tasks(),
            restate,
            environment=lean_environments(settings),
            about={"what": "statements", "imports": imports, "held_out": held_out, "sample": sample, "seed": seed},
            word="stated",
            good=lambda row: row["row"] is not None,
            into=run,
            cancel=cancel,
        )

    done = finished(ctx, work, run.output)
    rows = [row["row"] for row in done if row["row"]]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in sorted(rows, key=lambda row: str(row["name"])))
    (run.output / STATEMENTS).write_text(text, encoding="utf-8")
    out.print(f"{len(rows)} of {len(done)} theorems state again; {run.output / STATEMENTS}", markup=False)
