"""`prover memorisation`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from prover.cli.exits import BAD_INPUT
from prover.cli.options.output import json_option
from prover.cli.show import out, print_json, show_error
from prover.data.contamination.memorisation import memorisation as study
from prover.data.contamination.memorisation import read_lines
from prover.errors import InvalidProblemSetError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("results", type=FILE)
@click.argument("found", type=FILE)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="Count matches of this field only (problem, solution); repeatable.  [default: all]",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the counts as JSON."
)
@json_option("the counts")
@click.pass_context
def memorisation(
    ctx: click.Context, results: Path, found: Path, fields: tuple[str, ...], output: Path | None, as_json: bool
) -> None:
    """Compare accuracy on problems inside and outside training data.

    Compares at equal difficulty level. RESULTS is the results.jsonl of `prover eval` or `prover bench`; FOUND is what
    `prover overlap --output` wrote for the same problems.

    \b
      prover overlap math/test.jsonl proof-pile-2 --output found.jsonl
      prover memorisation runs/math/results.jsonl found.jsonl
    """  # noqa: D301
    try:
        counts = study(read_lines(results), read_lines(found), fields=fields)
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    if output:
        output.write_text(json.dumps(counts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json(counts)
        return
    table = Table("level", "hits", "accuracy on hits", "others", "accuracy on others")
    for level, row in [*counts["by_level"].items(), ("all", counts["all"])]:
        table.add_row(level, *_cells(row["hits"]), *_cells(row["others"]))
    out.print(table)
    found_difference = counts["difference_at_equal_level"]
    if found_difference is None:
        out.print("no level has both hits and others: nothing can be compared")
    else:
        low, high = found_difference["interval"]
        out.print(
            f"difference at equal level: {100 * found_difference['difference']:+.1f} points, "
            f"95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
        )


def _cells(count: dict[str, Any]) -> tuple[str, str]:
    if not count["total"]:
        return "0", "–"
    low, high = count["interval"]
    return str(count["total"]), f"{count['accuracy']:.1%} ({low:.1%} to {high:.1%})"
