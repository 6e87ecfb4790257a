"""Reading and writing a Llama in transformers' format (config.json and safetensors)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed.checkpoint as dcp
from safetensors.torch import save_file
from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, set_model_state_dict

from prover.errors import TrainingError
from prover.train.adapters import is_adapter, plain_name
from prover.train.known_model import check_model
from prover.train.model import Llama
from prover.train.recipe import ModelShape, Start

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
)


def initialise(model: Llama, standard_deviation: float, seed: int) -> None:
    """Initialise the parameters at random, with the same values for any number of ranks."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        whole = torch.ones(parameter.shape)
        if parameter.ndim > 1:
            whole.normal_(std=standard_deviation, generator=generator)
        # One parameter at a time: no rank ever has the whole model in memory.
        set_model_state_dict(model, {name: whole}, options=StateDictOptions(full_state_dict=True, strict=False))


_MODEL_FILES = ("*.safetensors", "*.json", "tokenizer.model", "*.jinja")


def folder_of(name: str, revision: str | None, files: Sequence[str] = _MODEL_FILES) -> Path:
    """Return the folder of a model: a local one, or a Hugging Face model's, of which `files` are fetched.

    Raises:
        TrainingError: there is no such model, or it cannot be reached.
    """
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(files)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"there is no folder {name}, and it cannot be fetched: {reason}") from error


def read_weights(model: Llama, folder: Path) -> list[str]:
    """Read a transformers checkpoint into a model; each rank reads its own part. Return what is worth knowing of it.

    Raises:
        InvalidRecipeError: the checkpoint's model has other sizes, or something that is not modelled here.
        TrainingError: it cannot be read.
    """
    notes = check_model(folder, model)
    weights = get_model_state_dict(model)
    theirs = {plain_name(name): tensor for name, tensor in weights.items() if not is_adapter(name)}
    try:
        dcp.load(theirs, storage_reader=HuggingFaceStorageReader(str(folder)))
    except (Exception, dcp.CheckpointException) as error:  # a missing tensor or an invalid file, in any exception class
        raise TrainingError(f"cannot read the weights in {folder}: {str(error).splitlines()[0]}") from error
    set_model_state_dict(model, weights)
    return notes


def config_of(shape: ModelShape, dtype: torch.dtype) -> dict[str, Any]:
    """Return the `config.json` of a model, as transformers 4 and 5 and vLLM read it."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **shape.model_dump(),
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "rope_scaling": None,
        "hidden_act": "silu",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
        "initializer_range": 0.02,
        "use_cache": True,
        "torch_dtype": str(dtype).removeprefix("torch."),
    }


def write_model(
    folder: Path, shape: ModelShape, tensors: Iterator[tuple[str, torch.Tensor]], *, dtype: torch.dtype, file_gb: float
) -> None:
    """Write `config.json`, `generation_config.json` and the weights: in one file, or in several of `file_gb` each."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, torch.Tensor]] = [{}]
    written: list[tuple[Path, list[str]]] = []
    size = total = 0

    def flush() -> None:
        path = folder / f"part-{len(written) + 1:05d}.safetensors"
        save_file(parts[0], path, metadata={"format": "pt"})
        path.chmod(0o644)  # readable like the other files: the server may run as another user
        written.append((path, list(parts[0])))
        parts[0] = {}

    for name, tensor in tensors:
        own = tensor.to(dtype).contiguous()
        if parts[0] and size + own.nbytes > file_gb * 1e9:
            flush()
            size = 0
        parts[0][name] = own
        size += own.nbytes
        total += own.nbytes
    flush()
    weight_map: dict[str, str] = {}
    for number, (path, names) in enumerate(written, start=1):
        final = f"model-{number:05d}-of-{len(written):05d}.safetensors" if len(written) > 1 else "model.safetensors"
        path.rename(folder / final)
        weight_map |= dict.fromkeys(names, final)
    if len(written) > 1:
        _write_json(
            folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map}
        )
    _write_json(folder / "config.json", config_of(shape, dtype))
    ends = {"bos_token_id": shape.bos_token_id, "eos_token_id": shape.eos_token_id}
    _write_json(folder / "generation_config.json", {"_from_model_config": True, **ends})


def tokenizer_of(start: Start) -> tuple[str, Path] | None:
    """Return name and folder of the tokenizer that goes with a model."""
    name = start.tokenizer or start.weights
    return None if name is None else (name, folder_of(name, start.revision if name == start.weights else None))


def copy_tokenizer(home: Path, folder: Path) -> bool:
    """Copy a tokenizer beside a model; return whether there is one."""
    found = [home / file for file in TOKENIZER_FILES if (home / file).exists()]
    for path in found:
        shutil.copyfile(path, folder / path.name)
    return bool(found)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
