"""A checkpoint of a run as one model that transformers and vLLM load."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.distributed.checkpoint as dcp

from prover.data.corpora.tokenizer import FileTokenizer
from prover.data.corpora.tokenizer_files import TOKENIZER, write_begin
from prover.errors import RunConflictError, TrainingError
from prover.train.adapters import add_adapters, is_adapter, merged, parts_of, write_adapters
from prover.train.checkpoint import newest_checkpoint, step_of
from prover.train.data_record import DATA, MODEL_DATA, DataRecord, check_tokenizer, read_record, write_record
from prover.train.model import Llama
from prover.train.recipe import ModelShape, Recipe
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
    run: Path,
    folder: Path,
    *,
    step: int | None = None,
    dtype: Literal["bfloat16", "float32"],
    file_gb: float = 50.0,
    adapter: bool = False,
) -> Exported:
    """Write a run's newest checkpoint, or that of a step, as a model. Reads piece by piece, in one process.

    LoRA's adapters are merged into it; `adapter`: they alone are written, as peft and vLLM read them.

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
    if adapter:
        return _export_adapter(checkpoint, recipe, folder)
    merged_tensors = _tensors(checkpoint, recipe)
    write_model(folder, shape, merged_tensors, dtype=getattr(torch, dtype), file_gb=file_gb)
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


def _export_adapter(checkpoint: Path, recipe: Recipe, folder: Path) -> Exported:
    if recipe.lora is None or recipe.start.weights is None:
        raise TrainingError("the run has no adapters: it was trained without [lora]")
    shapes = {name: shape for name, shape in _shapes(recipe).items() if is_adapter(name)}
    write_adapters(folder, recipe.lora, _read(checkpoint, shapes), recipe.start.weights)
    return Exported(step_of(checkpoint), recipe.trained_parameters, tokenizer=False)


def _shapes(recipe: Recipe) -> dict[str, torch.Size]:
    with torch.device("meta"):
        model = Llama(recipe.model)
        if recipe.lora is not None:
            add_adapters(model, recipe.lora)
        return {name: parameter.shape for name, parameter in model.named_parameters()}


def _tensors(checkpoint: Path, recipe: Recipe) -> Iterator[tuple[str, torch.Tensor]]:
    shapes = _shapes(recipe)
    waiting = list(parts_of(shapes))
    while waiting:
        some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        weights = _read(checkpoint, {part: shapes[part] for _, parts in some for part in parts})
        for name, parts in some:
            yield name, merged([weights[part] for part in parts], recipe.lora)


def _read(checkpoint: Path, shapes: Mapping[str, torch.Size]) -> dict[str, torch.Tensor]:
    weights = {name: torch.empty(shape) for name, shape in shapes.items()}
    with warnings.catch_warnings():  # that there is one process, which is what we want
        warnings.filterwarnings("ignore", message="torch.distributed is disabled", category=UserWarning)
        dcp.load({"model": weights}, checkpoint_id=str(checkpoint), no_dist=True)
    return weights
