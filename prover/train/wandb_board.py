"""Figures of a run for Weights & Biases (the extra `wandb`), beside TensorBoard.

Where nothing is to leave the machine: WANDB_MODE=offline, which writes to the run's folder.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from prover.errors import MissingExtraError, TrainingError
from prover.train.recipe import Recipe

ID = "wandb-id"


class WandbBoard:
    """One run of a project; a resumed run goes on in it. Its methods raise OSError when they cannot write."""

    def __init__(self, project: str, recipe: Recipe, folder: Path) -> None:
        """Raises MissingExtraError, or TrainingError if the run cannot be opened, for instance without a key."""
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("wandb", "Weights & Biases") from error
        known = folder / ID
        if not known.exists():
            known.write_text(uuid.uuid4().hex[:12] + "\n", encoding="utf-8")
        self._error = wandb.Error
        try:
            self._run = wandb.init(
                project=project,
                name=folder.name,
                id=known.read_text(encoding="utf-8").strip(),
                resume="allow",
                dir=str(folder),
                config=recipe.model_dump(mode="json"),
            )
        except wandb.Error as error:
            raise TrainingError(f"cannot open the run at Weights & Biases: {str(error).splitlines()[0]}") from error
        # Steps come again after a roll-back, which its own count of steps does not allow.
        self._run.define_metric("*", step_metric="step")

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Show numbers of a step."""
        self._log({"step": step, **values})

    def text(self, step: int, tag: str, text: str) -> None:
        """Show the last text of a tag in the run's summary."""
        try:
            self._run.summary[tag] = f"step {step}: {text}"
        except self._error as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Send what is left."""
        self._run.finish()

    def _log(self, values: Mapping[str, float]) -> None:
        try:
            self._run.log(dict(values))
        except self._error as error:
            raise OSError(str(error)) from error
