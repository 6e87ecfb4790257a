"""The folder of one run: its recipe and its rollbacks. No torch.

RUN/recipe.json        the recipe with everything that was set
RUN/checkpoints/       see checkpoint.py
RUN/rollbacks.jsonl    a line for each rollback, on disk before the run continues
RUN/log.jsonl          see log.py
RUN/tensorboard/
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from prover.errors import RunConflictError, TrainingError
from prover.train.recipe import Recipe, recipe_of

RECIPE = "recipe.json"
CHECKPOINTS = "checkpoints"
ROLLBACKS = "rollbacks.jsonl"

# What must not change when a run is resumed: otherwise it would be another run.
_FIXED = (
    "model",
    "lora",
    "batch.sequences",
    *(f"data.{name}" for name in ("context_length", "seed", "mixture", "separate", "shuffle")),
    "seed",
)


@dataclass(frozen=True, slots=True)
class Rollback:
    """At `step` the run went back to an earlier checkpoint; the `sequences` after it are skipped."""

    step: int
    checkpoint: int
    sequences: int
    reason: str


@contextmanager
def claim(folder: Path, recipe: Recipe, *, resume: bool) -> Iterator[None]:
    """Claim a folder for one run, on its first rank, and write the recipe into it.

    Raises:
        RunConflictError: it has a run that is not to be resumed, or is of another model or data, or is in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock").acquire(timeout=0):
            if (folder / RECIPE).exists():
                if not resume:
                    raise RunConflictError(f"{folder} has a run already; add --resume to go on with it")
                differ = differences(read_run_recipe(folder), recipe)
                if differ:
                    raise RunConflictError(f"the run in {folder} has another {', '.join(differ)}")
            text = json.dumps(recipe.model_dump(mode="json"), indent=1) + "\n"
            part = folder / f"{RECIPE}.part"
            part.write_text(text, encoding="utf-8")
            part.replace(folder / RECIPE)
            yield
    except Timeout:
        raise RunConflictError(f"another process trains in {folder}") from None


def read_run_recipe(folder: Path) -> Recipe:
    """Return the recipe of the run in a folder. Raises TrainingError if there is none."""
    try:
        content = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        content["data"].setdefault("shuffle", "documents")  # so did the versions that did not say so
        return recipe_of(content, str(folder / RECIPE))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrainingError(f"{folder} has no training run: {error}") from error


def differences(before: Recipe, now: Recipe) -> list[str]:
    """Return the names of fields that differ but must not."""

    def value(recipe: Recipe, name: str) -> object:
        found: object = recipe
        for part in name.split("."):
            found = getattr(found, part)
        return found

    return [name for name in _FIXED if value(before, name) != value(now, name)]


def read_rollbacks(folder: Path) -> list[Rollback]:
    """Return the rollbacks so far; a line truncated by a kill does not count."""
    path = folder / ROLLBACKS
    found: list[Rollback] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            found.append(Rollback(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def add_rollback(folder: Path, rollback: Rollback) -> None:
    """Record a rollback; it is on disk on return, so a run killed now does not repeat it."""
    with (folder / ROLLBACKS).open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(asdict(rollback)) + "\n")  # a kill may have truncated the line before
        file.flush()
        os.fsync(file.fileno())
