"""The mission in small, and real: data, training, a served model, and what it proves alone, before and after.

    python -m research.served_model FOLDER           `make served-model`: sized for twenty minutes on two cores
    python -m research.served_model FOLDER --small   the same chain in a few, as CI runs it

A Llama of five million parameters is trained on Python code (before), then on steps of proofs that a search found in
Lean's library (after). Both are exported, served by vLLM on the CPU, and asked for tactics of held-out theorems, with
nothing beside them. Run again, it goes on with the step that it was stopped in.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from research.serving import NotServedError, served

FORMAT = "llmstep"  # the shortest prompt for a step: a goal, and nothing around it
CONTEXT = 512
LEAN = ("--origin", "theorems of Init, Lean 4.28", "--licence", "Apache-2.0")
PYTHON = ("--origin", "CPython's standard library", "--licence", "PSF-2.0")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything.

    traced: theorems whose proofs are searched for
    asked: held-out theorems that the models are asked for
    before, after: steps of training, and `sequences` in each
    """

    traced: int
    asked: int
    before: int
    after: int
    sequences: int
    model: Mapping[str, int]


WHOLE = Sizes(traced=500, asked=60, before=300, after=600, sequences=8, model={})
SMALL = Sizes(
    traced=40,
    asked=6,
    before=10,
    after=40,
    sequences=2,
    model={
        **{"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "vocab_size": 1024},
        # On the CPU, vLLM 0.32 has no attention for heads of fewer than 32 numbers.
        **{"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 32},
    },
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--small", is_flag=True, help="In a few minutes: the chain works, and little is learned.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Lean processes.")
def main(folder: Path, small: bool, workers: int) -> None:
    """Make everything in FOLDER, and print what the model proves before and after it is trained on proofs."""
    sizes = SMALL if small else WHOLE
    folder.mkdir(parents=True, exist_ok=True)
    mine(folder, sizes, workers)
    pack(folder, sizes)
    train(folder, "before", sizes, sizes.before, "python=1")
    continued = {"start.weights": folder / "before-model", "data.separate": "true"}
    train(folder, "after", sizes, sizes.after, "steps=0.9,python=0.1", continued)
    try:
        summaries = {name: ask(folder, name, workers) for name in ("before", "after")}
    except NotServedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(table(summaries))
    if any(summary["canaries"]["proved"] or summary["errors"] for summary in summaries.values()):
        raise click.ClickException("a false statement was proved, or a theorem could not be tried; see the reports")


def prover(*arguments: object) -> None:
    """Run a command of the product, and end if it fails."""
    command = [str(argument) for argument in arguments]
    click.echo(f"prover {' '.join(command)}", err=True)
    done = subprocess.run([sys.executable, "-m", "prover", *command], check=False)
    if done.returncode:
        raise click.ClickException(f"prover {command[0]} ended with status {done.returncode}")


def mine(folder: Path, sizes: Sizes, workers: int) -> None:
    """Search for proofs of library theorems, and state others that are held out."""
    going_on = ("--workers", workers, "--seed", 0, "--resume", "--output")
    search = ("--model", "none", "--effort", 1, "--sample", sizes.traced)
    prover("mine", "traces", "library", *search, *going_on, folder / "traces")
    prover("mine", "statements", "--held-out", "--sample", sizes.asked, *going_on, folder / "held-out")


def pack(folder: Path, sizes: Sizes) -> None:
    """Make documents, a tokenizer and a corpus."""
    if (folder / "corpus" / "corpus.json").exists():
        return
    library = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    sources = folder / "sources"
    prover("data", "build", sources, "python", *library, *PYTHON, "--exact-only", "--validation", 0.02)
    building = (sources, "steps", folder / "traces", *LEAN, "--format", FORMAT, "--exact-only", "--validation", 0.02)
    prover("data", "build", *building)
    vocabulary = sizes.model.get("vocab_size", 4096)
    prover("data", "tokenizer", sources, folder / "tokenizer", "--vocabulary", vocabulary)
    prover("data", "pack", sources, folder / "corpus", "--tokenizer", folder / "tokenizer")


def train(
    folder: Path, name: str, sizes: Sizes, steps: int, mixture: str, more: Mapping[str, object] | None = None
) -> None:
    """Train one stage in the trainer, and export it."""
    if (folder / f"{name}-model" / "config.json").exists():
        return
    changes: dict[str, Any] = {
        **{"steps": steps, "optimizer.decay_steps": steps, "optimizer.warmup_steps": max(1, steps // 20)},
        **{"data.corpus": folder / "corpus", "data.mixture": mixture, "start.tokenizer": folder / "tokenizer"},
        **{"batch.sequences": sizes.sequences, "batch.micro_sequences": min(4, sizes.sequences)},
        **{"data.context_length": CONTEXT, "validate_every": steps, "validation_sequences": 16},
        **{f"model.{size}": value for size, value in sizes.model.items()},
        **(more or {}),
    }
    settings = [f"--set={key}={value}" for key, value in changes.items()]
    prover("train", "small", "--resume", "--output", folder / name, *settings)
    prover("export", folder / name, folder / f"{name}-model")


def ask(folder: Path, name: str, workers: int) -> dict[str, Any]:
    """Serve a model, and return the summary of what it proves alone."""
    run, done = folder / f"{name}-proofs", folder / f"{name}-proofs.done"
    if not done.exists():
        shutil.rmtree(run, ignore_errors=True)  # of a server that ended
        alone = ("--policy", "model", "--prompt", FORMAT, "--no-refute", "--canaries", 1)
        limits = ("--effort", 3, "--expansions", 16, "--samples", 16, "--seed", 0)
        problems = folder / "held-out" / "statements.jsonl"
        with served(folder / f"{name}-model", folder / f"{name}-vllm.log", context=CONTEXT) as url:
            prover("bench", problems, "--model", url, *alone, *limits, "--workers", workers, "--output", run)
        done.touch()
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return summary


def table(summaries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the models proved, a line each."""
    return "\n".join(_lines(summaries))


def _lines(summaries: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    what = {"before": "trained on Python code only", "after": "and then on steps of proofs"}
    yield "held-out library theorems that the served model proves alone, every proof checked by Lean's kernel:"
    for name, summary in summaries.items():
        yield f"  {name:7} {what[name]:28} {summary['proved']:3} of {summary['total']}"


if __name__ == "__main__":
    main()
