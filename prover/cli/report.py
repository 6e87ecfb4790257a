"""`prover report`."""

from __future__ import annotations

from pathlib import Path

import click

from prover.bench.results import RESULTS
from prover.cli.exits import BAD_INPUT
from prover.cli.show import out, show_error
from prover.report.export import write_csv, write_figures, write_parquet
from prover.report.report import read_summary, write_report
from prover.report.rows import read_rows

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--csv", "csv_file", type=FILE, metavar="FILE", help="Write a table of the theorems as CSV.")
@click.option(
    "--parquet",
    "parquet_file",
    type=FILE,
    metavar="FILE",
    help="Write the table as Parquet (needs the extra [report]).",
)
@click.option(
    "--figures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the figures to this folder.",
)
@click.option("--format", "kind", type=click.Choice(["svg", "png"]), default="svg", show_default=True,
              help="Format of the figures; png needs the extra [report].")  # fmt: skip
@click.pass_context
def report(
    ctx: click.Context,
    run: Path,
    csv_file: Path | None,
    parquet_file: Path | None,
    figures: Path | None,
    kind: str,
) -> None:
    """Write the report of a run, its tables and its figures.

    RUN is a folder of `prover bench`; the run may still be going on. Writes report.html there, and what the options ask
    for.

    \b
      prover report runs/core --csv core.csv --figures figures --format png
    """  # noqa: D301
    if not (run / RESULTS).exists():
        show_error(f"{run} has no {RESULTS}: give the folder of a run (prover bench --output)")
        ctx.exit(BAD_INPUT)
    rows, summary = read_rows(run / RESULTS), read_summary(run)
    written = [write_report(run, title=str(summary.get("set") or run.resolve().name))]
    if csv_file:
        write_csv(rows, csv_file)
        written.append(csv_file)
    if parquet_file:
        write_parquet(rows, parquet_file)
        written.append(parquet_file)
    if figures:
        written += write_figures(rows, summary, figures, "png" if kind == "png" else "svg")
    for path in written:
        out.print(f"written: {path}", markup=False)
