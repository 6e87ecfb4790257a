"""Sharded checkpoints: written by all ranks while training continues, read by any number of ranks.

CHECKPOINTS/step-00000500/           complete: it was renamed from step-00000500.partial after the last byte
    progress.json                    step, place in the data, and the size of every file
    .metadata, __0_0.distcp, ...     torch.distributed.checkpoint: model (float32) and optimiser state

With several machines the folder must be on a shared file system.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import torch
import torch.distributed.checkpoint as dcp
from pydantic import BaseModel, ConfigDict, ValidationError
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict

from prover.errors import TrainingError
from prover.train.distributed import World
from prover.train.model import Llama
from prover.train.recipe import Checkpoints

logger = logging.getLogger(__name__)

PROGRESS = "progress.json"
PARTIAL = ".partial"
_NAME = re.compile(r"step-(\d{8,})")
_BYTES_LEARNING, _BYTES_FIXED = 12, 4  # of a parameter: the weight, and Adam's two moments, all float32
_SPARE_BYTES = 64 << 20


class Progress(BaseModel):
    """How far a run is. `sequences`: position in the global order, including those skipped after rollbacks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int = 0
    sequences: int = 0
    tokens: int = 0
    skipped_steps: int = 0
    data: dict[str, Any] = {}
    guard: dict[str, Any] = {}


class _Record(BaseModel):
    progress: Progress
    files: dict[str, int]


class CheckpointStore:
    """The checkpoints of one run. All methods but `room` and `settle` are collective."""

    def __init__(self, folder: Path, settings: Checkpoints, world: World, model: Llama) -> None:
        self.folder = folder
        self._settings = settings
        self._world = world
        sizes = [p.numel() * (_BYTES_LEARNING if p.requires_grad else _BYTES_FIXED) for p in model.parameters()]
        self.bytes_needed = int(sum(sizes) * 1.02) + _SPARE_BYTES
        self._writing: tuple[Future[Any], Path, Progress] | None = None
        if world.first:
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(f"*{PARTIAL}"):  # of a run that was killed
                shutil.rmtree(left)
        world.wait()

    def newest(self) -> Path | None:
        """Return the newest checkpoint, the same on all ranks."""
        return self._world.agree(newest_checkpoint(self.folder) if self._world.first else None)

    def room(self) -> int:
        """Return the bytes that the next checkpoint would leave free on the disk; negative if it does not fit."""
        return shutil.disk_usage(self.folder).free - self.bytes_needed

    def save(self, model: Llama, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
        """Start writing a checkpoint; unless asynchronous, it is complete on return.

        Raises:
            TrainingError: this one or the one before it could not be written.
        """
        self.finish()
        name = f"step-{progress.step:08d}"
        partial = self.folder / (name + PARTIAL)
        if self._world.first:
            shutil.rmtree(partial, ignore_errors=True)
        self._world.wait()
        try:
            future = dcp.async_save(
                _state(model, optimizer), checkpoint_id=str(partial), process_group=self._world.background
            )
        except (Exception, dcp.CheckpointException) as error:  # of the file system, in any exception class
            raise self._failed(partial, error) from error
        assert isinstance(future, Future)
        self._writing = future, partial, progress
        if not self._settings.asynchronous:
            self.finish()

    def settle(self) -> Path | None:
        """On the first rank: complete the checkpoint being written once all its bytes are there.

        Raises:
            TrainingError: it could not be written.
        """
        if self._writing is None or not self._writing[0].done():
            return None
        future, partial, progress = self._writing
        self._writing = None
        try:
            future.result()
            return self._complete(partial, progress)
        except (Exception, dcp.CheckpointException) as error:  # of the file system, in any exception class
            raise self._failed(partial, error) from error

    def finish(self) -> None:
        """Wait for the checkpoint being written. Raises TrainingError if it could not be."""
        problem = ""
        if self._writing is not None:
            self._writing[0].exception()  # waits
            if self._world.first:
                try:
                    self.settle()
                except TrainingError as error:
                    problem = str(error)
            self._writing = None
        problem = self._world.agree(problem)
        if problem:
            raise TrainingError(problem)

    def load(self, path: Path, model: Llama, optimizer: torch.optim.Optimizer) -> Progress:
        """Read a checkpoint, possibly of another number of ranks, into model and optimiser.

        Raises:
            TrainingError: it is of another model, or cannot be read.
        """
        state = _state(model, optimizer)
        try:
            dcp.load(state, checkpoint_id=str(path), process_group=self._world.background)
        except (OSError, RuntimeError, ValueError, KeyError, dcp.CheckpointException) as error:
            raise TrainingError(f"cannot read the checkpoint {path}: {_first_line(error)}") from error
        set_state_dict(model, optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"])
        return read_progress(path)

    def _complete(self, partial: Path, progress: Progress) -> Path:
        files = {path.name: path.stat().st_size for path in partial.iterdir()}
        record = partial / PROGRESS
        record.write_text(_Record(progress=progress, files=files).model_dump_json(indent=1) + "\n", encoding="utf-8")
        _to_disk(record)
        _to_disk(partial)
        path = partial.with_name(partial.name.removesuffix(PARTIAL))
        shutil.rmtree(path, ignore_errors=True)  # of an earlier try that was damaged
        partial.rename(path)
        _to_disk(self.folder)
        self._remove_old()
        return path

    def _remove_old(self) -> None:
        for path in sorted(_complete(self.folder))[: -self._settings.keep]:
            step = step_of(path)
            every = self._settings.keep_every_steps
            if not (every and step and step % every == 0):
                shutil.rmtree(path, ignore_errors=True)

    def _failed(self, partial: Path, error: Exception) -> TrainingError:
        if self._world.first:
            shutil.rmtree(partial, ignore_errors=True)
        return TrainingError(f"cannot write the checkpoint {partial.name.removesuffix(PARTIAL)}: {_first_line(error)}")


def read_progress(path: Path) -> Progress:
    """Return how far the run was. Raises TrainingError if the checkpoint does not say."""
    try:
        return _Record.model_validate_json((path / PROGRESS).read_text(encoding="utf-8")).progress
    except (OSError, ValidationError) as error:
        raise TrainingError(f"{path} is no complete checkpoint: {_first_line(error)}") from error


def step_of(path: Path) -> int:
    """Return the step of a complete checkpoint's folder."""
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else -1


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a folder, skipping damaged ones."""
    for path in sorted(_complete(folder), reverse=True):
        problem = _problem_of(path)
        if problem is None:
            return path
        logger.warning("passing over %s: %s", path, problem)
    return None


def _state(model: Llama, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    weights, moments = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": moments}


def _complete(folder: Path) -> list[Path]:
    return [path for path in folder.glob("step-*") if _NAME.fullmatch(path.name)]


def _problem_of(path: Path) -> str | None:
    try:
        files = _Record.model_validate_json((path / PROGRESS).read_text(encoding="utf-8")).files
        for name, size in files.items():
            if (path / name).stat().st_size != size:
                return f"{name} is not as long as it was written"
    except (OSError, ValidationError) as error:
        return _first_line(error)
    return None


def _first_line(error: BaseException) -> str:
    """Return the cause of an error; DCP wraps the errors of all ranks."""
    failures = getattr(error, "failures", None)
    if failures:
        error = next(iter(failures.values()))[0]
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
