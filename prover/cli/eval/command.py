"""`prover eval`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from prover.assembly.models import language_model
from prover.bench.conditions import run_conditions
from prover.cli.eval.formalisation import formalisation
from prover.cli.eval.perplexity import perplexity
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

if TYPE_CHECKING:
    from prover.bench.mathematics.benchmarks import Benchmark

NAMES = ("gsm8k", "math", "ocw", "mmlu_stem", "sat")
TOP_P = 0.95  # of majority voting, as in the paper's runs
PROTOCOLS = ("ours", "paper", "paper-majority")


@click.command(name="eval", cls=Nested, below={"formalisation": formalisation, "perplexity": perplexity})
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
    "--protocol",
    type=click.Choice(PROTOCOLS),
    default="ours",
    show_default=True,
    help="The paper's: its authors' prompts, fetched once, and their way to read and count answers; paper-majority: "
    "with their number of samples and temperature for each benchmark.",
)
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
    help="Sampling temperature.  [default: 0; of majority voting 0.6, the paper's 0.3 for mmlu_stem and sat]",
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
    protocol: str,
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
    statements of problems in words, use `prover eval formalisation SET`; for the perplexity on MATH's solutions,
    `prover eval perplexity`.

    \b
      prover eval gsm8k math --model http://localhost:8000 --output runs/mathematics
      prover eval gsm8k --majority 16 --python --data my-data --limit 100
      prover eval all --protocol paper --model http://localhost:8000
      prover eval formalisation problems.jsonl --model http://localhost:8000
    """  # noqa: D301
    names = list(dict.fromkeys(NAMES if "all" in benchmarks else benchmarks))
    if data is not None:  # before the libraries are imported, which read this once
        os.environ |= {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    from prover.bench.mathematics.run import run_benchmarks
    from prover.bench.mathematics.tasks import Protocol

    known = _benchmarks(protocol, python=python, shots=shots)
    if unknown := [name for name in names if name not in known]:
        having = " and ".join(known)
        raise click.UsageError(f"--python is for {having}{_of_protocol(protocol)}, not {', '.join(unknown)}")
    settings = Settings().model
    changed = {"url": model_url or settings.url, "name": model_name or settings.name}
    model = language_model(ModelSettings.model_validate(settings.model_dump() | changed))
    if model is None:
        raise click.UsageError("--model URL is needed: an OpenAI-compatible server, such as vLLM")
    folder = run_folder(output, "eval")
    chosen = [known[name] for name in names]
    samples = {each.name: majority or (each.majority_k if protocol == "paper-majority" else 1) for each in chosen}
    voting = {each.name: each.voting_temperature if samples[each.name] > 1 else 0.0 for each in chosen}
    temperatures = voting if temperature is None else dict.fromkeys(names, temperature)
    top_p = TOP_P if max(samples.values()) > 1 else 1.0
    conditions = {
        "benchmarks_run": names, "protocol": protocol, "samples": max(samples.values()), "samples_of": samples,
        "python": python, "temperature": max(temperatures.values()), "temperature_of": temperatures, "top_p": top_p,
        "seed": seed, "limit": limit, "shots": str(shots) if shots else "standard",
        "data": str(data) if data else "hub", **run_conditions(),
    }  # fmt: skip
    started = time.monotonic()
    try:
        counts = run_benchmarks(
            model,
            chosen,
            lambda benchmark: Protocol(
                samples[benchmark.name], temperatures[benchmark.name], top_p, data, shots, workers
            ),
            folder=folder,
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


def _benchmarks(protocol: str, *, python: bool, shots: Path | None) -> dict[str, Benchmark]:
    """Return the benchmarks of a protocol. Raises InstallationError if the authors' prompts cannot be fetched."""
    from prover.bench.mathematics.benchmarks import PROGRAMS, WORDS
    from prover.bench.mathematics.paper import authors_files, paper_benchmarks

    if protocol == "ours":
        return PROGRAMS if python else WORDS
    if shots is not None:
        raise click.UsageError("--shots and --protocol paper exclude each other: the paper's examples are its authors'")
    return paper_benchmarks(authors_files(Settings().cache_dir), programs=python)


def _of_protocol(protocol: str) -> str:
    return "" if protocol == "ours" else f" with --protocol {protocol}"


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
    heading, rows = comparison(ours, name=f"{summary['model']} (here{asked})", kind=kind, samples=summary["samples_of"])
    table = Table(*heading, title="published accuracy in %, and ours", title_justify="left")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    for name, refused in summary["rows_refused"].items():
        if refused:
            out.print(f"{name}: {counted(len(refused), 'row')} without an answer refused: {', '.join(refused[:10])}")
    if summary["prompts_too_long"]:
        out.print(
            f"{counted(summary['prompts_too_long'], 'prompt')} too long for the model's context, counted as wrong; "
            "the same command asks again"
        )
    if summary["answers_reused"]:
        out.print(f"{counted(summary['answers_reused'], 'problem')} not asked again: answered in an earlier run")
    out.print(f"published: {published()['sources'][kind]}", markup=False)
    if summary["limit"]:
        out.print(f"only {counted(summary['limit'], 'problem')} of each: not to be compared with the published figures")
    out.print(f"results: {folder}", markup=False)
