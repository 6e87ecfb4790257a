"""A tiny run for tests: its recipe, its data, and how to start it in this process or in two."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prover.train.recipe import Recipe
from prover.train.stream import MemoryTokens, MixedCorpus
from tests.conftest import ROOT

VOCABULARY = 64


def tiny(**changes: Any) -> Recipe:
    """`changes`: by section, e.g. `parallel={"tensor": 2}`, or of the recipe itself."""
    content: dict[str, Any] = {
        "name": "tiny",
        "steps": 12,
        "model": {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "max_position_embeddings": 64,
        },
        "start": {"standard_deviation": 0.1},
        "data": {"context_length": 32, "mixture": "code=1,text=2", "shuffle": "documents"},
        "batch": {"sequences": 4, "micro_sequences": 1},
        "optimizer": {"learning_rate": 1e-2, "min_learning_rate": 1e-3, "warmup_steps": 3, "decay_steps": 40},
        "compute": {"precision": "fp32"},
        "checkpoints": {"every_steps": 4},
        "recovery": {"window": 8, "least_losses": 4, "patience": 2, "spike_margin": 1.0},
    }
    for name, value in changes.items():
        content[name] = {**content.get(name, {}), **value} if isinstance(value, Mapping) else value
    return Recipe.model_validate(content)


def corpus(recipe: Recipe) -> MixedCorpus:
    """Two sources that can be learned: counting up, and repeating."""
    chance = random.Random(0)
    text = [[(start + i) % 30 for i in range(chance.randrange(5, 60))] for start in range(40)]
    code = [[30 + start % 30] * chance.randrange(5, 40) + [63] for start in range(40)]
    training = [MemoryTokens("text", text, [2] * len(text)), MemoryTokens("code", code)]
    return MixedCorpus(recipe.data, training, [MemoryTokens("text", text[:5]), MemoryTokens("code", code[:7])])


class Seen:
    """What a run tells its watcher."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def stepped(self, step: int, figures: Mapping[str, Any]) -> None:
        pass

    def happened(self, step: int, event: str, text: str) -> None:
        self.events.append(event)


def run_here(
    recipe: Recipe,
    folder: Path,
    *,
    resume: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> Seen:
    """Train with one rank in this process."""
    from prover.train.run import train

    seen = Seen()
    train(recipe, corpus(recipe), folder, resume=resume, watcher=seen, should_stop=should_stop)
    return seen


def start_worker(recipe: Recipe, folder: Path, *, ranks: int, fault: str = "", resume: bool = False) -> Any:
    """Start `ranks` processes that train; `fault`: see worker.py."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    wanted = folder.parent / f"{folder.name}.recipe.json"
    wanted.write_text(recipe.model_dump_json())
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)] if ranks > 1 else []
    command = [sys.executable, *launcher, "-m", "tests.train.worker", str(wanted), str(folder), str(int(resume)), fault]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_processes(recipe: Recipe, folder: Path, *, ranks: int, fault: str = "", resume: bool = False) -> None:
    """Train in `ranks` processes of their own, to the end."""
    process = start_worker(recipe, folder, ranks=ranks, fault=fault, resume=resume)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output[-4000:]


def lines(folder: Path, kind: str = "step") -> list[dict[str, Any]]:
    """Return the log's lines of one kind; of a step that was logged twice the later one."""
    found: dict[int, dict[str, Any]] = {}
    other: list[dict[str, Any]] = []
    for text in (folder / "log.jsonl").read_text().splitlines():
        line = json.loads(text)
        if line["kind"] != kind:
            continue
        if kind == "event":
            other.append(line)
        else:
            found[line["step"]] = line
    return other if kind == "event" else [found[step] for step in sorted(found)]


def losses(folder: Path) -> list[float]:
    """Return the loss of each step."""
    return [float(line["loss"]) for line in lines(folder)]
