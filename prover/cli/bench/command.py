"""`prover bench`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from prover.assembly.environments import open_environments
from prover.assembly.policies import open_policy
from prover.bench.bench import run_problems
from prover.bench.conditions import run_conditions
from prover.bench.cost import CostMeter
from prover.bench.selection import select
from prover.bench.summary import summarise
from prover.cli.bench.compare import compare_runs
from prover.cli.bench.export import export_run
from prover.cli.bench.protocols import PROTOCOLS, with_protocol
from prover.cli.bench.seeds import bench_seeds
from prover.cli.exits import BAD_INPUT, MACHINE_FAULT, NOT_PROVED
from prover.cli.nested import Nested
from prover.cli.options.budget import budget_options
from prover.cli.options.environment import environment_options
from prover.cli.options.model import policy_options
from prover.cli.options.output import json_option, results_option, resume_option
from prover.cli.options.work import seed_option, workers_option
from prover.cli.run import Stop, run
from prover.cli.run_folder import recorded, run_folder, stopped, write_summary
from prover.cli.show import console, out, print_json, printable, show_error
from prover.core.budget import SearchBudget
from prover.errors import InvalidProblemSetError, RunConflictError
from prover.proving.prove import REFUTING
from prover.report.report import write_report
from prover.settings import Settings
from prover.storage.cache import MemoryCache

BUDGET = SearchBudget(effort=30.0, expansions=2000)
REASON_LENGTH = 300


@click.command(cls=Nested, below={"compare": compare_runs, "export": export_run})
@click.argument("problem_set", metavar="SET")
@workers_option("Theorems to prove at once")
@results_option
@resume_option
@click.option("--sample", type=click.IntRange(1), metavar="N",
              help="Prove N problems only, chosen at random, beside the false statements.  [default: all]")  # fmt: skip
@click.option("--canaries", type=click.IntRange(0), metavar="N", default=3, show_default=True,
              help="False statements to add; the run fails if one is proved.")  # fmt: skip
@click.option("--protocol", type=click.Choice(list(PROTOCOLS)),
              help="Search as a paper did, whatever the other options of model, policy and budget say.")  # fmt: skip
@policy_options
@environment_options
@budget_options(BUDGET, each="theorem")
@seed_option()
@click.option("--seeds", type=click.IntRange(1), metavar="K", default=1, show_default=True,
              help="Repeat the run with K seeds, from --seed on, and report pass@k.")  # fmt: skip
@click.option("--choice-seed", type=int, metavar="N",
              help="Seed that chooses the sample and the false statements.  [default: --seed]")  # fmt: skip
@click.option("--refute/--no-refute", "refuting", default=True, show_default=True,
              help="Also look for counterexamples, with the embedded Lean.")  # fmt: skip
@json_option("the summary")
@click.pass_context
def bench(
    ctx: click.Context,
    problem_set: str,
    workers: int,
    output: Path | None,
    resume: bool,
    sample: int | None,
    canaries: int,
    protocol: str | None,
    policy_name: str | None,
    environment: str,
    settings: Settings,
    budget: SearchBudget,
    seed: int,
    seeds: int,
    choice_seed: int | None,
    refuting: bool,
    as_json: bool,
) -> None:
    """Prove every problem of a problem set.

    SET is `core`, `textbook`, `minif2f:test`, `minif2f:valid`, FILE.jsonl or FILE.jsonl:SPLIT. miniF2F is downloaded
    once; it needs --environment lean-project with Mathlib, or isabelle. For leandojo the set is `minif2f-llemma:test`,
    the Llemma paper's version.

    Writes results.jsonl (a line for each theorem, as it finishes), summary.json and report.html to the output folder;
    with --seeds, to a folder for each seed. A run can be killed at any time and continued with --resume. Exit status:
    0 the run is done, 1 a false statement was proved, 2 bad input (also one of the statements), 3 machine fault.

    `prover bench compare RUN OTHER...` compares results, `prover bench export RUN` converts them.

    \b
      prover bench core --workers 2 --output runs/core
      prover bench minif2f:test --environment lean-project --project ~/my-project --output runs/minif2f
      prover bench minif2f:test --environment isabelle --policy sketch --model URL --output runs/isabelle
      prover bench problems.jsonl:test --timeout 60 --resume --output runs/test
      prover bench core --model URL --seeds 8 --output runs/core8
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    settings, budget, policy_name = with_protocol(protocol, settings, budget, policy_name)
    folder = run_folder(output, "runs", resume=resume)
    if seeds > 1:
        ctx.exit(bench_seeds(ctx, folder, seeds, as_json))
    chosen_by = seed if choice_seed is None else choice_seed
    try:
        selection = select(
            problem_set, environment, settings.cache_dir, sample=sample, canaries=canaries, seed=chosen_by
        )
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    problems = selection.problems
    effort_for_refuting = REFUTING if refuting else 0.0
    started = time.monotonic()

    async def work(cancel: Stop) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        assistant, cache, cost = open_environments(environment, settings), MemoryCache(), CostMeter()
        async with open_policy(
            policy_name, settings, cache=cache, environment=environment, observe=cost.watch
        ) as generator:
            about = {
                "problems": selection.digest,
                "environment": assistant().identity,
                "policy": generator.identity,
                "budget": budget.model_dump(),
                "seed": seed,
                "refuting": effort_for_refuting,
            }
            conditions = {
                **about,
                "set": problem_set,
                **selection.version,
                "workers": workers,
                **({"protocol": protocol} if protocol else {}),
                **run_conditions(),
            }
            with recorded(
                folder,
                about,
                resume=resume,
                word="proved",
                total=len(problems),
                good=lambda row: bool(row["proved"]),
                line=_line,
                quiet=as_json,
                cancel=cancel,
            ) as (results, watch):
                await run_problems(
                    problems,
                    results,
                    environment=assistant,
                    generator=generator,
                    budget=budget,
                    seed=seed,
                    workers=workers,
                    watcher=watch,
                    cancel=cancel,
                    cost=cost,
                    refuting=effort_for_refuting,
                )
                done = [results.done[p.name] for p in problems if p.name in results.done]
            return done, conditions | {"cancelled": cancel.is_set()}

    try:
        done, conditions = run(work)
    except RunConflictError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    cancelled = conditions.pop("cancelled")
    summary = {**summarise(done), **conditions, "elapsed_s": round(time.monotonic() - started, 1)}
    write_summary(folder, summary)
    write_report(folder, title=problem_set)
    if as_json:
        print_json(summary)
    else:
        if console.is_terminal:  # elsewhere each result has its line already
            for row in done:
                if row["error"]:
                    console.print(_line(row), markup=False, soft_wrap=True)
        _show(summary, folder)
    if cancelled:
        stopped(ctx, folder)
    if summary["canaries"]["proved"]:
        show_error(f"a false statement was proved: {printable(', '.join(summary['canaries']['names_proved']))}")
        ctx.exit(NOT_PROVED)
    if any(str(row["error"] or "").startswith("machine") for row in done):
        ctx.exit(MACHINE_FAULT)
    if summary["errors"]:
        ctx.exit(BAD_INPUT)


def _line(result: dict[str, Any]) -> str:
    mark = "not proved"
    if result["proved"]:
        mark = "proved"
    elif result["error"]:
        mark = "error"
    elif result.get("refutation"):
        mark = "refuted"
    words = [f"{mark:<10} {printable(result['problem'])}", f"{result.get('elapsed_s', 0):.1f} s"]
    if result["canary"]:
        words.append("false statement")
    if result["error"]:
        words.append(printable(" ".join(result["error"].split()))[:REASON_LENGTH])
    return "   ".join(words)


def _show(summary: dict[str, Any], folder: Path) -> None:
    low, high = summary["interval"]
    rate = summary["proved"] / summary["total"] if summary["total"] else 0.0
    out.print(
        f"proved {summary['proved']} of {summary['total']} ({rate:.1%}, 95 % interval {low:.1%} to {high:.1%}) "
        f"in {summary['elapsed_s']:.0f} s"
    )
    if refuted := summary["refuted"]["names"]:
        out.print(f"refuted {len(refuted)}, as false statements: {', '.join(map(printable, refuted))}", markup=False)
    for title, groups in (("split", summary["by_split"]), ("kind", summary["by_kind"])):
        if len(groups) > 1:
            parts = ", ".join(f"{printable(name)} {count['proved']}/{count['total']}" for name, count in groups.items())
            out.print(f"by {title}: {parts}", markup=False)
    out.print(f"by source: {', '.join(f'{name} {n}' for name, n in summary['by_source'].items())}", markup=False)
    if summary["cost"]:
        out.print(_cost(summary["cost"], summary["proved"]))
    if wrong := summary.get("defects"):
        out.print(f"statements known to be defective: {wrong['total']}, of which proved: {wrong['proved']}")
    canaries = summary["canaries"]
    out.print(f"false statements proved: {canaries['proved']} of {canaries['total']}; errors: {summary['errors']}")
    out.print(f"results: {folder}", markup=False)


def _cost(cost: dict[str, float], proved: int) -> str:
    words = f"cost: {cost['cpu_s']:,.0f} CPU seconds"
    if cost["requests"]:
        tokens = f"{cost['prompt_tokens']:,.0f} + {cost['completion_tokens']:,.0f} tokens"
        words += f", {cost['model_s']:,.0f} model seconds, {tokens} in {cost['requests']:,.0f} requests"
    return words + (f"; {cost['cpu_s'] / proved:,.1f} CPU seconds a proof" if proved else "")
