"""Training speed of this package and of a plain transformers Trainer: same model, batch and precision, in one run.

    python -m benchmarks.train_throughput [--quick]             # a GPU if there is one, else the CPU
    python -m benchmarks.train_throughput --batch 2 --checkpointing full

On a GPU: the 7B shape of Llemma, context 4096, bf16 with float32 master weights and AdamW, all of it on one H200.
On the CPU: the shape of the `small` recipe. The sides take turns, each in its own processes. The baseline is a plain
`transformers.Trainer`: `bf16=True`, fused AdamW, gradient checkpointing on the GPU, no compile.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
from rich.console import Console

from benchmarks.report import Report, Row, markdown_table
from prover.bench.conditions import ROOT, hardware
from prover.core.distribution import install_line
from prover.train.flops import operations_6n, operations_with_attention, peak_of
from prover.train.recipe import Recipe, read_recipe

Side = Literal["prover", "trainer"]
SIDES: tuple[Side, ...] = ("prover", "trainer")
TARGET_MFU = 0.45
WARM_UP = 3


def recipe_for(device: str, batch: int | None, checkpointing: str | None, *, compiled: bool) -> Recipe:
    """Return the measured recipe: steps of one accumulated batch, on one device."""
    if device == "cuda":
        micro, sequences, name = batch or 1, 8, "llemma-7b"
    else:
        micro, sequences, name = batch or 4, 16, "small"
    changes = [
        f"batch.micro_sequences={micro}",
        f"batch.sequences={max(sequences, micro)}",
        f"compute.compile={str(compiled).lower()}",
    ]
    if checkpointing:
        changes.append(f"compute.activation_checkpointing={checkpointing}")
    return read_recipe(name, changes)


def random_tokens(recipe: Recipe, rows: int) -> Any:
    import torch

    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, recipe.model.vocab_size, (rows, recipe.data.context_length + 1), generator=generator)


class Clock:
    """Wall and processor seconds of each step after the warm-up."""

    def __init__(self, device: str) -> None:
        self._device = device
        self.steps: list[tuple[float, float]] = []
        self._seen = 0
        self._began = (0.0, 0.0)

    def tick(self) -> None:
        """Record the end of a step, or the start of the first."""
        if self._device == "cuda":
            import torch

            torch.cuda.synchronize()
        now = time.perf_counter(), time.process_time()
        if self._seen > WARM_UP:
            self.steps.append((now[0] - self._began[0], now[1] - self._began[1]))
        self._seen += 1
        self._began = now


def run_prover(recipe: Recipe, steps: int, clock: Clock) -> None:
    """Train with this package: the trainer's own network, gradient and update."""
    from prover.train.batch import MicroBatch
    from prover.train.distributed import open_world
    from prover.train.network import Network
    from prover.train.weights import initialise

    micro, length = recipe.batch.micro_sequences, recipe.data.context_length
    with open_world(recipe) as world:
        network = Network(recipe, world)
        initialise(network.model, 0.02, seed=0)
        rows = random_tokens(recipe, recipe.batch.sequences).to(world.device)
        batches = [
            MicroBatch(part[:, :-1], part[:, 1:], None, None, ("random",) * micro, (length,) * micro)
            for part in rows.split(micro)
        ]
        clock.tick()
        for _ in range(steps + WARM_UP):
            network.update(network.gradient(batches), 1e-4)
            clock.tick()


def run_trainer(recipe: Recipe, steps: int, clock: Clock) -> None:
    """Train with transformers."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments

    from prover.train.weights import config_of

    class Ticking(TrainerCallback):
        def on_train_begin(self, *arguments: Any, **options: Any) -> None:
            clock.tick()

        def on_step_end(self, *arguments: Any, **options: Any) -> None:
            clock.tick()

    cuda = torch.cuda.is_available()
    torch.manual_seed(0)
    with torch.device("cuda" if cuda else "cpu"):
        model = LlamaForCausalLM(LlamaConfig(**config_of(recipe.model, torch.float32)))
    rows = random_tokens(recipe, recipe.batch.sequences)[:, :-1].repeat(steps + WARM_UP, 1)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=recipe.batch.micro_sequences,
            gradient_accumulation_steps=recipe.batch.sequences // recipe.batch.micro_sequences,
            max_steps=steps + WARM_UP,
            learning_rate=1e-4,
            lr_scheduler_type="constant",
            optim="adamw_torch_fused",
            bf16=recipe.compute.precision == "bf16",
            use_cpu=not cuda,
            gradient_checkpointing=cuda,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
        )
        data = [{"input_ids": row, "labels": row} for row in rows]
        Trainer(model=model, args=arguments, train_dataset=data, callbacks=[Ticking()]).train()


RUNS: dict[Side, Callable[[Recipe, int, Clock], None]] = {"prover": run_prover, "trainer": run_trainer}


def run_side(side: Side, recipe: Recipe, steps: int, device: str) -> None:
    """Measure in this process and print one line of JSON."""
    clock = Clock(device)
    RUNS[side](recipe, steps, clock)
    found: dict[str, Any] = {"steps": clock.steps}
    if device == "cuda":
        import torch

        found["memory_gb"] = torch.cuda.max_memory_allocated() / 1e9
        found["device"] = torch.cuda.get_device_name()
    print(json.dumps(found))


def in_a_process(side: Side, recipe: Recipe, steps: int, device: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.train_throughput", "--side", side, "--steps", str(steps)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(recipe.model_dump_json())
        file.flush()
        done = subprocess.run(
            [*command, "--recipe", file.name, "--device", device], cwd=ROOT, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise click.ClickException(f"{side} did not finish:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def rows_of(recipe: Recipe, found: dict[Side, list[dict[str, Any]]], device: str) -> list[Row]:
    """Return the table: per round the median of its steps."""
    names = {"prover": "prover", "trainer": "transformers Trainer"}
    tokens = recipe.tokens_per_step
    rows: list[Row] = []

    def speeds(side: Side, clock: int) -> tuple[float, ...]:
        return tuple(tokens / statistics.median(step[clock] for step in run["steps"]) for run in found[side])

    for side in SIDES:
        wall = speeds(side, 0)
        rows.append(Row(f"{names[side]}, speed", wall, "tokens/s", better="higher", digits=0))
        if device == "cpu":
            rows.append(
                Row(f"{names[side]}, for a second of a core", speeds(side, 1), "tokens", better="higher", digits=0)
            )
            continue
        peak = peak_of(found[side][0]["device"])
        if peak is not None:
            shares = tuple(100 * speed * operations_6n(recipe.model) / peak for speed in wall)
            whole = operations_with_attention(recipe.model, recipe.data.context_length) / operations_6n(recipe.model)
            target = 100 * TARGET_MFU if side == "prover" else None
            rows.append(Row(f"{names[side]}, MFU (6 N)", shares, "%", target, better="higher", digits=1))
            rows.append(
                Row(f"{names[side]}, MFU with attention", tuple(s * whole for s in shares), "%", better="higher")
            )
        memory = tuple(run["memory_gb"] for run in found[side])
        rows.append(Row(f"{names[side]}, memory", memory, "GB", digits=1))
    for clock, what in ((0, "speed"), (1, "tokens for a second of a core"))[: 2 if device == "cpu" else 1]:
        ratio = statistics.median(speeds("prover", clock)) / statistics.median(speeds("trainer", clock))
        rows.append(Row(f"prover / Trainer, {what}", (ratio,), "", 1.0, better="higher"))
    return rows


@click.command()
@click.option("--quick", is_flag=True, help="Few steps.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Of each side, in turns.")
@click.option("--steps", type=click.IntRange(1), help="Measured in a round.")
@click.option("--batch", type=click.IntRange(1), help="Sequences that go through the model at once.")
@click.option("--checkpointing", type=click.Choice(["none", "selective", "full"]), help="Of prover's side.")
@click.option(
    "--compile/--no-compile",
    "compiled",
    default=None,
    help="Of prover's side; default: on a GPU, and where there is a C++ compiler.",
)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the result.")
@click.option("--side", type=click.Choice(SIDES), hidden=True)
@click.option("--recipe", "recipe_path", type=click.Path(path_type=Path), hidden=True)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), hidden=True)
def main(
    quick: bool,
    rounds: int,
    steps: int | None,
    batch: int | None,
    checkpointing: str | None,
    compiled: bool | None,
    output: Path | None,
    side: Side | None,
    recipe_path: Path | None,
    device: str | None,
) -> None:
    """Measure both sides."""
    try:
        import accelerate  # noqa: F401  # what Trainer needs
        import torch
        import transformers
    except ImportError as error:
        raise click.ClickException(f"this needs more libraries ({error}): {install_line('trl')}") from error
    if side and recipe_path and device:
        run_side(side, Recipe.model_validate_json(recipe_path.read_text()), steps or 1, device)
        return
    device = "cuda" if torch.cuda.is_available() else "cpu"
    steps = steps or (3 if quick else 10)
    rounds = 1 if quick else rounds
    if compiled is None:
        compiled = device == "cuda" or shutil.which("c++") is not None
    recipe = recipe_for(device, batch, checkpointing, compiled=compiled)
    before = hardware()
    found: dict[Side, list[dict[str, Any]]] = {"prover": [], "trainer": []}
    for _ in range(rounds):
        for name in SIDES:
            found[name].append(in_a_process(name, recipe, steps, device))
    rows = rows_of(recipe, found, device)
    where = found["prover"][0].get("device", "the CPU, not a GPU")
    report = Report(
        name=f"train-throughput-{'gpu' if device == 'cuda' else 'cpu'}",
        command="python -m benchmarks.train_throughput" + (" --quick" if quick else ""),
        seed=0,
        budget={
            "parameters": recipe.model.parameters,
            "context": recipe.data.context_length,
            "sequences a step": recipe.batch.sequences,
            "at once": recipe.batch.micro_sequences,
            "activation checkpointing": recipe.compute.activation_checkpointing,
            "compile": recipe.compute.compile,
            "steps": steps,
        },
        hardware=before,
        rows=rows,
        notes=[f"on {where}; torch {torch.__version__}, transformers {transformers.__version__}"],
    )
    saved = report.save(output) if output else report.save()
    console = Console()
    console.print(markdown_table(rows), markup=False)
    console.print(f"{saved}", markup=False)


if __name__ == "__main__":
    main()
