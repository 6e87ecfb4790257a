"""`prover train` and `prover export`."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click
import platformdirs
from rich.table import Table

from prover.cli.bars import Bar
from prover.cli.exits import CANCELLED
from prover.cli.options.output import json_option
from prover.cli.show import console, out, print_json
from prover.cli.signals import Wishes, handlers_kept, heeded_signals
from prover.errors import MissingExtraError
from prover.train.flops import PROCESSORS, Processor
from prover.train.plan import Plan, as_rows, plan
from prover.train.recipe import read_recipe


@click.command()
@click.argument("recipe_name", metavar="RECIPE")
@click.option("--set", "changes", metavar="NAME=VALUE", multiple=True,
              help="Change a value of the recipe, such as optimizer.learning_rate=1e-4; repeatable.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Folder of the run.  [default: one by the recipe's name, in the user's data folder]")  # fmt: skip
@click.option("--resume", is_flag=True, help="Continue from the newest checkpoint in --output, if there is one.")
@click.option(
    "--dry-run", is_flag=True, help="Print the plan, the memory of each GPU and the hours, and train nothing."
)
@click.option(
    "--gpus", type=click.IntRange(1), metavar="N", help="With --dry-run: number of GPUs.  [default: 1, or WORLD_SIZE]"
)
@click.option("--hardware", type=click.Choice(sorted(PROCESSORS)), default="h200", show_default=True,
              help="With --dry-run: kind of GPU.")  # fmt: skip
@click.option("--mfu", type=click.FloatRange(0, 1, min_open=True), default=0.4, show_default=True,
              metavar="SHARE", help="With --dry-run: model FLOPs utilisation, counting 6 N FLOPs a token.")  # fmt: skip
@click.option("--tokens-per-s", type=click.FloatRange(0, min_open=True), metavar="N",
              help="With --dry-run, instead of --mfu: tokens a second of all GPUs, as a run logs it.")  # fmt: skip
@click.option("--wandb", metavar="PROJECT",
              help="Also log to this project at Weights & Biases; needs the extra [wandb].")  # fmt: skip
@json_option("the plan or the outcome")
@click.pass_context
def train(
    ctx: click.Context,
    recipe_name: str,
    changes: tuple[str, ...],
    output: Path | None,
    resume: bool,
    dry_run: bool,
    gpus: int | None,
    hardware: str,
    mfu: float,
    tokens_per_s: float | None,
    wandb: str | None,
    as_json: bool,
) -> None:
    """Train a language model.

    RECIPE is llemma-7b, llemma-34b, small, proofstep-finetune, or a TOML file. A run can be killed at any time;
    --resume continues from the newest checkpoint, on any number of GPUs. Ctrl-C writes a checkpoint first. For several
    GPUs, start it with torchrun.

    \b
      prover train small --set data.corpus=corpus --output runs/small
      prover train llemma-7b --dry-run --gpus 64 --hardware h100
      torchrun --nproc-per-node 8 -m prover train llemma-7b --set data.corpus=corpus --resume --output runs/7b
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    first = os.environ.get("RANK", "0") == "0"
    console.quiet = console.quiet or not first  # every rank meets the same errors; one tells of them
    recipe = read_recipe(recipe_name, changes)
    if dry_run:
        made = plan(recipe, gpus or int(os.environ.get("WORLD_SIZE", "1")))
        speed = tokens_per_s or made.tokens_per_s(PROCESSORS[hardware], mfu)
        _show_plan(made, PROCESSORS[hardware], speed, as_json)
        return
    try:
        from prover.train.run import train as run_training
        from prover.train.stream import open_corpus
    except ImportError as error:
        raise MissingExtraError("train", f"training ({error})") from error
    folder = output or Path(platformdirs.user_data_dir("prover")) / "train" / recipe.name
    corpus = open_corpus(recipe.data, recipe.model.vocab_size)
    with _Watch(recipe.steps, quiet=as_json) as watch, _stop_on_signals() as stop:
        done = run_training(
            recipe, corpus, folder, resume=resume, watcher=watch, should_stop=lambda: bool(stop), wandb=wandb
        )
    if first:
        if as_json:
            print_json({**asdict(done), "folder": str(folder)})
        elif not done.stopped:
            amount = f"{done.step:,} steps, {done.tokens / 1e9:,.4g} billion tokens"
            out.print(f"trained {amount}, loss {done.loss:.4f}: {folder}", markup=False)
            out.print(f"a model of it: prover export {folder} MODEL", markup=False)
    if done.stopped:
        console.print(f"stopped at step {done.step:,}; continue with --resume --output {folder}", markup=False)
        ctx.exit(CANCELLED)


@click.command()
@click.argument("run", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("model", type=click.Path(path_type=Path, file_okay=False))
@click.option("--step", type=click.IntRange(0), metavar="N", help="Step of the checkpoint.  [default: the newest]")
@click.option("--dtype", type=click.Choice(["bfloat16", "float32"]), default="bfloat16", show_default=True,
              help="Type of the weights.")  # fmt: skip
@click.option("--file-gb", type=click.FloatRange(0, min_open=True), default=50.0, show_default=True,
              metavar="GB", help="Largest size of a file of weights, in GB; larger ones are split.")  # fmt: skip
@click.option("--adapter", is_flag=True, help="Write only the adapters of a run with [lora], for peft and vLLM.")
def export(
    run: Path,
    model: Path,
    step: int | None,
    dtype: Literal["bfloat16", "float32"],
    file_gb: float,
    adapter: bool,
) -> None:
    """Export a checkpoint as a model.

    RUN is a folder of `prover train`, MODEL the folder to write. transformers and vLLM load the model as it is; the
    tokenizer is written beside it.

    \b
      prover export runs/small small-model
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    try:
        from prover.train.export import export as export_model
    except ImportError as error:
        raise MissingExtraError("train", f"training ({error})") from error
    done = export_model(run, model, step=step, dtype=dtype, file_gb=file_gb, adapter=adapter)
    out.print(f"step {done.step:,}, {done.parameters / 1e6:,.1f} M parameters, {dtype}: {model}", markup=False)
    if not done.tokenizer and not adapter:
        console.print("no tokenizer: the recipe's start names none; copy it there before the model is served")


def _show_plan(made: Plan, processor: Processor, tokens_per_s: float, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "recipe": made.recipe.model_dump(mode="json"),
                "gpus": made.ranks,
                "hardware": processor.name,
                "parameters": made.recipe.model.parameters,
                "tokens": made.tokens,
                "memory_gb": {**asdict(made.memory), "total": made.memory.total},
                "fit": made.fit(processor),
                "published": made.recipe.published and made.recipe.published.model_dump(),
                "checkpoint_gb": made.checkpoint_gb,
                "mfu": made.mfu(processor, tokens_per_s),
                "tokens_per_s": tokens_per_s,
                "hours": made.hours(tokens_per_s),
            }
        )
        return
    table = Table.grid(padding=(0, 2))
    for row in as_rows(made, processor, tokens_per_s):
        table.add_row(*row)
    out.print(table, soft_wrap=False)


@contextmanager
def _stop_on_signals() -> Iterator[list[int]]:
    """Yield a list that is no longer empty once Ctrl-C, SIGTERM or a hang-up came; a second one breaks in."""
    came: list[int] = []
    wishes = Wishes()

    def note(number: int, frame: object) -> None:
        if not wishes.came(number):  # torchrun passes on what has reached us already
            return
        if came:
            raise KeyboardInterrupt
        came.append(number)
        console.print("stopping after this step (again: at once)")

    with handlers_kept():
        for number in heeded_signals():
            signal.signal(number, note)
        yield came


class _Watch(Bar):
    """A progress bar on a terminal, else a line each time figures are logged."""

    def __init__(self, steps: int, *, quiet: bool) -> None:
        super().__init__("starting", steps, quiet=quiet, transient=False)
        self._quiet = quiet

    def stepped(self, step: int, figures: Mapping[str, Any]) -> None:
        text = f"loss {figures['loss']:.4f}   {figures['tokens_per_s']:,.0f} tokens/s"
        if "mfu_6n" in figures:
            text += f"   MFU {figures['mfu_6n']:.1%}"
        self.update(completed=step, description=text)
        if self.hidden and not self._quiet:
            console.print(f"step {step}   {text}   rate {figures['learning_rate']:.3g}", markup=False)

    def happened(self, step: int, event: str, text: str) -> None:
        if not self._quiet:
            console.print(f"step {step}   {event.replace('_', ' ')}: {text}", markup=False)
        if event in ("resumed", "rolled_back"):
            self.update(completed=step)
