"""`prover bench compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from prover.bench.compare import Comparison, compare, run_assistants, run_outcomes, summary_outcomes
from prover.bench.pinned import pins, published
from prover.bench.summary import wilson_interval
from prover.cli.exits import BAD_INPUT
from prover.cli.options.output import json_option
from prover.cli.show import out, print_json, show_error
from prover.core.plurals import counted
from prover.errors import InvalidProblemSetError
from prover.settings import Settings

MODELS = ("llemma-7b", "llemma-34b", "codellama-7b", "codellama-34b")


@click.command("compare")
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("others", nargs=-1, required=True)
@click.option("--published", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="File with the published results.  [default: downloaded once]")  # fmt: skip
@json_option("the comparison", ", with the names of the theorems")
@click.pass_context
def compare_runs(ctx: click.Context, run: Path, others: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Compare a run with others, theorem by theorem.

    RUN is a folder of `prover bench`. OTHERS are such folders, files that `prover bench export` wrote, or published
    models: llemma-7b, llemma-34b, codellama-7b, codellama-34b (on miniF2F). Only theorems that both have are counted;
    the p-value is that of McNemar's exact test.

    \b
      prover bench compare runs/mine llemma-7b llemma-34b
      prover bench compare runs/after runs/before
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    try:
        ours = run_outcomes(run)
        published_ones = [other for other in others if other in MODELS]
        if published_ones and "isabelle" in run_assistants(run):
            other = published_ones[0]
            raise InvalidProblemSetError(
                f"the results of {other} are on Lean's statements, those of {run} on Isabelle's"
            )
        found = {other: compare(ours, _outcomes(other, file)) for other in others}
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    if as_json:
        print_json({"run": str(run), "compared": {other: result.as_json() for other, result in found.items()}})
        return
    for other, result in found.items():
        _show(other, result)
    if any(other in MODELS for other in others):
        restated = sorted(set(pins()["published"]["restated"]) & ours.keys())
        out.print(
            "the published results are on the paper's version of miniF2F; another states some theorems differently"
            + (f", of these at least: {', '.join(restated)}" if restated else ""),
            soft_wrap=True,
        )


def _outcomes(other: str, file: Path | None) -> dict[str, bool]:
    if other not in MODELS:
        if not Path(other).exists():
            raise InvalidProblemSetError(f"there is no run {other}; published models are: {', '.join(MODELS)}")
        return run_outcomes(Path(other))
    return summary_outcomes(file, other) if file else published(other, Settings().cache_dir)


def _show(other: str, result: Comparison) -> None:
    def share(count: int) -> str:
        low, high = wilson_interval(count, result.common)
        return f"{count} ({count / result.common:.1%}, 95 % interval {low:.1%} to {high:.1%})"

    out.print(f"{other}: {counted(result.common, 'theorem')} in common", markup=False, highlight=False)
    rows: tuple[tuple[str, Any], ...] = (
        ("proved here", share(result.first)),
        ("proved there", share(result.second)),
        ("by both", result.both),
        ("only here", len(result.only_first)),
        ("only there", len(result.only_second)),
        ("McNemar's exact test", f"p = {result.p:.3g}"),
    )
    for name, value in rows:
        out.print(f"  {name:<22}{value}", markup=False, highlight=False)
    if result.missing_in_first or result.missing_in_second:
        text = f"not counted: {result.missing_in_second} that are only here, {result.missing_in_first} only there"
        out.print(f"  {text}", markup=False, highlight=False)
