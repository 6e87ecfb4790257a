"""`prover eval formalisation`."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from prover.assembly.environments import open_environments
from prover.assembly.models import language_model
from prover.assembly.policies import open_policy
from prover.bench.conditions import run_conditions
from prover.bench.formalisation.equivalence import StatementOutcome
from prover.bench.formalisation.means import means
from prover.bench.formalisation.run import Asking, InformalProblem, run_formalisation
from prover.bench.formalisation.summary import summarise
from prover.bench.pinned import located
from prover.bench.problem_sets import read_rows
from prover.cli.exits import BAD_INPUT, MACHINE_FAULT
from prover.cli.options.budget import budget_options
from prover.cli.options.environment import environment_options
from prover.cli.options.model import policy_options
from prover.cli.options.output import json_option, results_option, resume_option
from prover.cli.options.work import seed_option, workers_option
from prover.cli.run import Stop, run
from prover.cli.run_folder import recorded, run_folder, stopped, write_summary
from prover.cli.show import out, print_json, show_error
from prover.core.budget import SearchBudget
from prover.core.plurals import counted
from prover.errors import InvalidPolicyError, InvalidProblemSetError
from prover.settings import Settings

PINNED = ("proofnet", "minif2f-informal")
ENVIRONMENTS = ("lean", "lean-project")
BUDGET = SearchBudget(effort=20.0, expansions=200)
TEMPERATURE = 0.6


@click.command("formalisation")
@click.argument("problem_set", metavar="SET")
@click.option(
    "--answers",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    metavar="N",
    help="Statements to ask for, for each problem.",
)
@workers_option("Problems to work on at once")
@results_option
@resume_option
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Use the first N problems.  [default: all]")
@partial(policy_options, default="closers")
@environment_options
@budget_options(BUDGET, each="implication")
@seed_option()
@json_option("the summary")
@click.pass_context
def formalisation(
    ctx: click.Context,
    problem_set: str,
    answers: int,
    workers: int,
    output: Path | None,
    resume: bool,
    limit: int | None,
    policy_name: str | None,
    environment: str,
    settings: Settings,
    budget: SearchBudget,
    seed: int,
    as_json: bool,
) -> None:
    """Measure a language model on autoformalisation.

    SET has problems in words with reference statements: `proofnet:test` or `minif2f-informal:test` (downloaded once;
    they need --environment lean-project with Mathlib), FILE.jsonl or FILE.jsonl:SPLIT, with rows of `name`, `informal`,
    `statement` and `header`. A statement that the model gives counts as equivalent if it compiles, and the policy
    proves within the budget that it and the reference imply each other. The rate is a lower bound. A run can be killed
    at any time and continued with --resume.

    \b
      prover eval formalisation problems.jsonl --model http://localhost:8000 --output runs/words
      prover eval formalisation proofnet:test --environment lean-project --project DIR --model http://localhost:8000
    """  # noqa: D301
    if environment not in ENVIRONMENTS:
        raise click.UsageError(f"--environment is one of {', '.join(ENVIRONMENTS)} here")
    folder = run_folder(output, "eval", resume=resume)
    try:
        problems = read_rows(located(problem_set, settings.cache_dir, PINNED), InformalProblem)[:limit]
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    temperature = TEMPERATURE if settings.model.temperature is None else settings.model.temperature
    started = time.monotonic()

    async def work(cancel: Stop) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        assistant = open_environments(environment, settings)
        model = language_model(settings.model)
        if model is None:
            raise InvalidPolicyError("formalising needs a language model: --model URL")
        try:
            await model.identify()
            async with open_policy(policy_name or "closers", settings, environment=environment) as policy:
                about = {
                    "set_sha256": hashlib.sha256("".join(p.model_dump_json() for p in problems).encode()).hexdigest(),
                    "environment": assistant().identity,
                    "model": model.identity,
                    "answers_each": 1 if temperature == 0 else answers,
                    "temperature": temperature,
                    "policy": policy.identity,
                    "budget": budget.model_dump(),
                    "seed": seed,
                }
                conditions = {
                    **about,
                    "set": problem_set,
                    "workers": workers,
                    **run_conditions(),
                }
                with recorded(
                    folder,
                    about,
                    resume=resume,
                    word="equivalent",
                    total=len(problems),
                    good=lambda row: row.get("outcome") == StatementOutcome.EQUIVALENT,
                    line=_line,
                    quiet=as_json,
                    cancel=cancel,
                ) as (results, watch):
                    await run_formalisation(
                        problems,
                        results,
                        environment=assistant,
                        asking=Asking(model, answers, temperature, seed),
                        means=means(policy, budget),
                        workers=workers,
                        watcher=watch,
                        cancel=cancel,
                    )
                    done = [results.done[p.name] for p in problems if p.name in results.done]
        finally:
            await model.close()
        return done, conditions | {"cancelled": cancel.is_set()}

    done, conditions = run(work)
    cancelled = conditions.pop("cancelled")
    summary = {**summarise(done), **conditions, "elapsed_s": round(time.monotonic() - started, 1)}
    write_summary(folder, summary)
    if as_json:
        print_json(summary)
    else:
        _show(summary, folder)
    if cancelled:
        stopped(ctx, folder)
    if summary["machine_errors"]:
        ctx.exit(MACHINE_FAULT)


def _line(result: dict[str, Any]) -> str:
    said = str(result["error"] or result["outcome"]).replace("_", " ")
    return f"{result['problem']}   {said[:200]}"


def _show(summary: dict[str, Any], folder: Path) -> None:
    title = f"{counted(summary['problems'], 'problem')}, {counted(summary['answers'], 'answer')} of {summary['model']}"
    table = Table(
        "", "compiles", "95 % interval", "shown equivalent", "95 % interval", title=title, title_justify="left"
    )
    for k, compiles in summary["compiles"].items():
        equivalent = summary["equivalent"][k]
        table.add_row(f"pass@{k}", *_cells(compiles), *_cells(equivalent))
    out.print(table)
    best = ", ".join(f"{outcome.replace('_', ' ')} {count}" for outcome, count in summary["best"].items())
    out.print(f"best statement of each problem: {best or 'none'}", markup=False)
    out.print(
        "shown equivalent is a lower bound: each implication needs a verified proof within the budget, and one that "
        "does not do without the other statement"
    )
    if summary["unusable_references"] or summary["machine_errors"]:
        out.print(
            f"left out: {summary['unusable_references']} whose reference Lean does not take, "
            f"{summary['machine_errors']} at which the machine failed"
        )
    out.print(f"results: {folder}", markup=False)


def _cells(found: dict[str, Any]) -> tuple[str, str]:
    low, high = found["interval"]
    return f"{found['rate']:.1%}", f"{low:.1%} to {high:.1%}"
