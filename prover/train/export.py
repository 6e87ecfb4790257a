"""A checkpoint of a run as one model that transformers and vLLM load."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.distributed.checkpoint as dcp

from prover.data.corpora.tokenizer import FileTokenizer
from prover.data.corpora.tokenizer_files import TOKENIZER, write_begin
from prover.errors import RunConflictError, TrainingError
from prover.train.checkpoint import newest_checkpoint, step_of
from prover.train.data_record import DATA, MODEL_DATA, DataRecord, check_tokenizer, read_record, write_record
from prover.train.model import Llama
from prover.train.recipe import ModelShape
from prover.train.run_folder import CHECKPOINTS, RECIPE, read_run_recipe
from prover.train.weights import copy_tokenizer, tokenizer_of, write_model

_AT_ONCE = 32  # tensors read together


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    step: int
    parameters: int
    tokenizer: bool


def export(
    run: Path, folder: Path, *, step: int | None = None, dtype: Literal["bfloat16", "float32"], file_gb: float = 50.0
) -> Exported:
    """Write a run's newest checkpoint, or that of a step, as a model. Reads piece by piece, in one process.

    Raises:
        RunConflictError: there is a model in the folder already.
        TrainingError: the run has no such checkpoint.
        InvalidRecipeError: the tokenizer that would go with it is not that of the corpus.
    """
    recipe = read_run_recipe(run)
    if (folder / "config.json").exists():
        raise RunConflictError(f"{folder} has a model already; give another folder")
    checkpoint = newest_checkpoint(run / CHECKPOINTS) if step is None else run / CHECKPOINTS / f"step-{step:08d}"
    if checkpoint is None or not checkpoint.is_dir():
        raise TrainingError(f"{run} has no complete checkpoint" + (f" of step {step}" if step is not None else ""))
    record, home = read_record(run / DATA), tokenizer_of(recipe.start)
    if record is not None and home is not None:
        check_tokenizer(record, home[1], home[0])
    shape = _with_ends(recipe.model, record)
    write_model(folder, shape, _tensors(checkpoint, shape), dtype=getattr(torch, dtype), file_gb=file_gb)
    shutil.copyfile(run / RECIPE, folder / "prover_recipe.json")
    tokenizer = home is not None and copy_tokenizer(home[1], folder)
    if record is not None:
        write_record(record, folder / MODEL_DATA)
        if (folder / TOKENIZER).exists() and FileTokenizer(folder).begin != record.begin:
            write_begin(folder, record.begin)  # what is served begins as what was trained on
    return Exported(step_of(checkpoint), recipe.model.parameters, tokenizer)


def _with_ends(shape: ModelShape, record: DataRecord | None) -> ModelShape:
    """Return the shape with the tokens that documents began and ended with, by which a server ends an answer."""
    if record is None or record.separator != "tokenizer":
        return shape
    begin = shape.bos_token_id if record.begin is None else record.begin
    return shape.model_copy(update={"bos_token_id": begin, "eos_token_id": record.end})


def _tensors(checkpoint: Path, shape: ModelShape) -> Iterator[tuple[str, torch.Tensor]]:
    with torch.device("meta"):
        names = {name: parameter.shape for name, parameter in Llama(shape).named_parameters()}
    waiting = list(names)
    while waiting:
        some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        weights = {name: torch.empty(names[name]) for name in some}
        with warnings.catch_warnings():  # that there is one process, which is what we want
            warnings.filterwarnings("ignore", message="torch.distributed is disabled", category=UserWarning)
            dcp.load({"model": weights}, checkpoint_id=str(checkpoint), no_dist=True)
        yield from weights.items()
