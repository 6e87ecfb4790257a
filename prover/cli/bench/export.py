"""`prover bench export`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from prover.bench.results import RESULTS, read_results
from prover.cli.exits import BAD_INPUT
from prover.cli.show import out, show_error
from prover.errors import InvalidProblemSetError
from prover.report.export import write_csv, write_parquet
from prover.report.llemma import llemma_results
from prover.report.report import read_summary
from prover.report.rows import read_rows

ENDINGS = {"llemma": "json", "csv": "csv", "parquet": "parquet"}


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--format", "kind", type=click.Choice(list(ENDINGS)), default="llemma", show_default=True,
              help="llemma is the format of the Llemma paper's result files; csv and parquet are tables.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="File to write.  [default: RUN/llemma.json, RUN/csv.csv, RUN/parquet.parquet]")  # fmt: skip
@click.pass_context
def export_run(ctx: click.Context, run: Path, kind: str, output: Path | None) -> None:
    """Convert the results of a run to another format.

    RUN is a folder of `prover bench`. `prover bench compare` reads the llemma format too. For figures and the web page,
    see `prover report`.

    \b
      prover bench export runs/minif2f --format llemma --output results.json
      prover bench compare results.json llemma-7b
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    path = output or run / f"{kind}.{ENDINGS[kind]}"
    try:
        rows = read_results(run / RESULTS)
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    try:
        if kind == "llemma":
            path.write_text(json.dumps(llemma_results(rows, read_summary(run)), indent=4) + "\n", encoding="utf-8")
        else:
            (write_csv if kind == "csv" else write_parquet)(read_rows(run / RESULTS), path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    out.print(f"written: {path}", markup=False, soft_wrap=True)
