"""`prover bench --seeds`: the same run with several seeds, and pass@k over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from prover.bench.pass_at_k import SUMMARY, summarise_pass_at_k
from prover.cli.exits import BAD_INPUT, CANCELLED, OK
from prover.cli.show import console, out, print_json, show_error
from prover.core.plurals import counted
from prover.errors import RunConflictError


def bench_seeds(ctx: click.Context, folder: Path, seeds: int, as_json: bool) -> int:
    """Run `prover bench` with so many seeds in a row, each into a folder of its own; return the exit status.

    Each run can be killed and resumed by itself. The sample and the false statements are those of the first seed.
    """
    first: int = ctx.params["seed"]
    worst = OK
    done: list[Path] = []
    for seed in range(first, first + seeds):
        done.append(folder / f"seed-{seed}")
        console.print(f"seed {seed}: {done[-1]}", markup=False)
        options = {"seed": seed, "seeds": 1, "choice_seed": _chosen_by(ctx), "output": done[-1], "as_json": False}
        status = _run(ctx, options)
        if status == CANCELLED:
            console.print(f"stopped; continue with --resume --output {folder}", markup=False, soft_wrap=True)
            return CANCELLED
        if status == BAD_INPUT and not (done[-1] / "summary.json").exists():
            return BAD_INPUT
        worst = max(worst, status)
    try:
        summary = summarise_pass_at_k(done)
    except RunConflictError as error:
        show_error(str(error))
        return BAD_INPUT
    (folder / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n")
    if as_json:
        print_json(summary)
    else:
        show_pass_at_k(summary)
        out.print(f"results: {folder}", markup=False)
    return worst


def _chosen_by(ctx: click.Context) -> int:
    chosen: int | None = ctx.params["choice_seed"]
    seed: int = ctx.params["seed"]
    return seed if chosen is None else chosen


def _run(ctx: click.Context, options: dict[str, Any]) -> int:
    try:
        with ctx.scope(cleanup=False):
            ctx.invoke(ctx.command, **{**ctx.params, **options})
    except click.exceptions.Exit as end:
        return end.exit_code
    return OK


def show_pass_at_k(summary: dict[str, Any]) -> None:
    """Print pass@k, also within smaller budgets."""
    out.print(
        f"{counted(len(summary['seeds']), 'seed')}, {counted(summary['problems'], 'theorem')} tried with every seed:"
    )
    for k, found in summary["pass_at"].items():
        low, high = found["interval"]
        out.print(f"  pass@{k}  {found['rate']:.1%}  95 % interval {low:.1%} to {high:.1%}")
    out.print(f"always {summary['always']}, sometimes {summary['sometimes']}, never {summary['never']}")
    for limit, rates in summary["within_expansions"].items():
        listed = ", ".join(f"pass@{k} {rate:.1%}" for k, rate in rates.items())
        out.print(f"  within {counted(int(limit), 'expansion')}: {listed}")
    if summary["incomplete"]:
        out.print(f"left out, without a result for some seed: {counted(summary['incomplete'], 'theorem')}")
