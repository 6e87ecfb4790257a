"""`prover eval`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from prover.assembly.models import language_model
from prover.bench.conditions import run_conditions
from prover.cli.eval.formalisation import formalisation
from prover.cli.exits import BAD_INPUT
from prover.cli.extras import needs
from prover.cli.nested import Nested
from prover.cli.options.output import json_option, results_option
from prover.cli.options.work import seed_option
from prover.cli.run_folder import run_folder, write_summary
from prover.cli.show import out, print_json, show_error
from prover.core.plurals import counted
from prover.errors import InvalidProblemSetError
from prover.settings import ModelSettings, Settings

NAMES = ("gsm8k", "math", "ocw", "mmlu_stem", "sat")
TEMPERATURE, TOP_P = 0.6, 0.95  # of majority voting, as in the paper's runs


@click.command(name="eval", cls=Nested, below={"formalisation": formalisation})
@click.argument("benchmarks", nargs=-1, required=True, type=click.Choice([*NAMES, "all"]))
@click.option(
    "--model",
    "model_url",
    metavar="URL[,URL]",
    help="OpenAI-compatible server to measure.  [default: PROVER_MODEL__URL]",
)
@click.option("--model-name", metavar="NAME", help="Model on the server.  [default: its first]")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              metavar="DIR",
              help="Folder with BENCHMARK/test.jsonl.  [default: downloaded from the Hugging Face hub]")  # fmt: skip
@click.option(
    "--majority",
    type=click.IntRange(2),
    metavar="K",
    help="Vote among K samples (maj@k).  [default: one greedy answer]",
)
@click.option(
    "--python", is_flag=True, help="Let the model write programs, which run in a sandbox (gsm8k and math only)."
)
@click.option("--shots", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="FILE",
              help="Few-shot examples as JSON Lines of problem and solution.  [default: the paper's]")  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Use the first N problems of each benchmark.  [default: all]"
)
@click.option(
    "--temperature",
    type=click.FloatRange(0),
    metavar="T",
    help=f"Sampling temperature.  [default: 0; with --majority {TEMPERATURE}]",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Programs and comparisons to run at once.  [default: one for each core]",
)
@seed_option(" of the samples")
@results_option
@json_option("the summary")
@click.pass_context
@needs("eval")
def evaluation(
    ctx: click.Context,
    benchmarks: tuple[str, ...],
    model_url: str | None,
    model_name: str | None,
    data: Path | None,
    majority: int | None,
    python: bool,
    shots: Path | None,
    limit: int | None,
    temperature: float | None,
    workers: int | None,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure a language model on mathematics in words.

    BENCHMARKS are those of the Llemma paper, few-shot: gsm8k, math, ocw, mmlu_stem, sat, or all. Its published figures
    are printed beside the results. The same command with the same --output continues a run. To measure formal
    statements of problems in words, use `prover eval formalisation SET`.

    \b
      prover eval gsm8k math --model http://localhost:8000 --output runs/mathematics
      prover eval gsm8k --majority 16 --python --data my-data --limit 100
      prover eval formalisation problems.jsonl --model http://localhost:8000
    """  # noqa: D301
    names = list(dict.fromkeys(NAMES if "all" in benchmarks else benchmarks))
    if data is not None:  # before the libraries are imported, which read this once
        os.environ |= {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    from prover.bench.mathematics.benchmarks import PROGRAMS, WORDS
    from prover.bench.mathematics.run import run_benchmarks
    from prover.bench.mathematics.tasks import Protocol

    known = PROGRAMS if python else WORDS
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"--python is for gsm8k and math, not {', '.join(unknown)}")
    settings = Settings().model
    changed = {"url": model_url or settings.url, "name": model_name or settings.name}
    model = language_model(ModelSettings.model_validate(settings.model_dump() | changed))
    if model is None:
        raise click.UsageError("--model URL is needed: an OpenAI-compatible server, such as vLLM")
    folder = run_folder(output, "eval")
    protocol = Protocol(samples=majority or 1, data=data, shots_file=shots, workers=workers)
    chosen = temperature if temperature is not None else TEMPERATURE if majority else 0.0
    conditions = {
        "benchmarks_run": names, "samples": protocol.samples, "python": python, "temperature": chosen,
        "top_p": TOP_P if majority else 1.0, "seed": seed, "limit": limit, "shots": str(shots) if shots else "standard",
        "data": str(data) if data else "hub", **run_conditions(),
    }  # fmt: skip
    started = time.monotonic()
    try:
        counts = run_benchmarks(
            model,
            [known[name] for name in names],
            lambda benchmark: protocol,
            folder=folder,
            temperature=chosen,
            top_p=TOP_P if majority else 1.0,
            seed=seed,
            limit=limit,
        )
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    summary = {"model": model.identity, **counts, **conditions, "elapsed_s": round(time.monotonic() - started, 1)}
    write_summary(folder, summary)
    if as_json:
        print_json(summary)
    else:
        _show(summary, folder)


def _show(summary: dict[str, Any], folder: Path) -> None:
    from prover.bench.mathematics.published import comparison, published

    for name, count in summary["benchmarks"].items():
        low, high = count["interval"]
        out.print(
            f"{name}: {count['correct']} of {count['total']} ({count['accuracy']:.1%}, 95 % interval {low:.1%} to "
            f"{high:.1%}); single samples {count['single']:.1%}; {count['answered']} gave an answer"
        )
    kind = "python" if summary["python"] else "majority" if summary["samples"] > 1 else "greedy"
    ours = {name: count["accuracy"] for name, count in summary["benchmarks"].items()}
    asked = "" if summary["samples"] == 1 else f", {summary['samples']} samples"
    heading, rows = comparison(ours, name=f"{summary['model']} (here{asked})", kind=kind)
    table = Table(*heading, title="published accuracy in %, and ours", title_justify="left")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    out.print(f"published: {published()['sources'][kind]}", markup=False)
    if summary["limit"]:
        out.print(f"only {counted(summary['limit'], 'problem')} of each: not to be compared with the published figures")
    out.print(f"results: {folder}", markup=False)
