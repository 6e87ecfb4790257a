"""Is a transformers checkpoint the Llama that is modelled here? Whatever it has beyond that is refused by its name.

Loaded without a word, a bias or a scaled rotary embedding that is left out would only show in the losses.
"""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from safetensors import safe_open

from prover.errors import InvalidRecipeError, TrainingError
from prover.train.adapters import is_adapter, plain_name
from prover.train.model import Llama
from prover.train.recipe import ModelShape

_SIZES = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "rms_norm_eps",
    "tie_word_embeddings",
)
_COMPUTED = "rotary_emb.inv_freq"  # in older checkpoints: follows from the RoPE base
_FLOATS = ("F64", "F32", "F16", "BF16")
_HEAD, _EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"


def check_model(folder: Path, model: Llama) -> list[str]:
    """Compare a checkpoint's configuration and tensors with a model; return what differs and may differ.

    Raises:
        InvalidRecipeError: it has other sizes, or something that is not modelled here.
        TrainingError: it cannot be read.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder} has no usable config.json: {error}") from error
    if config.get("model_type") != "llama":
        raise InvalidRecipeError(f"{folder} is a model of type {config.get('model_type')!r}, not 'llama'")
    differ = _other_sizes(config, model.shape)
    if differ:
        raise InvalidRecipeError(f"{folder} does not fit the recipe: {'; '.join(differ)}")
    unknown = _not_modelled(config) or _other_tensors(folder, model)
    if unknown:
        raise InvalidRecipeError(f"{folder} has what is not modelled here: {'; '.join(unknown)}")
    base = _rope(config).get("rope_theta", 10_000.0)
    if float(base) == model.shape.rope_theta:
        return []
    return [f"RoPE base {base:,.0f} in {folder}, {model.shape.rope_theta:,.0f} from now on, as the recipe says"]


def _other_sizes(config: Mapping[str, Any], shape: ModelShape) -> list[str]:
    heads = config.get("num_attention_heads")
    usual = {"num_key_value_heads": heads, "tie_word_embeddings": False}
    if heads and config.get("hidden_size"):
        usual["head_dim"] = config["hidden_size"] // heads
    there = usual | {name: value for name, value in config.items() if value is not None}
    return [
        f"{name} is {there[name]} there and {getattr(shape, name)} in the recipe"
        for name in _SIZES
        if name in there and there[name] != getattr(shape, name)
    ]


def _rope(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a configuration says of rotary embeddings, as of transformers 4 or 5."""
    top = {name: config[name] for name in ("rope_theta", "partial_rotary_factor") if config.get(name) is not None}
    return top | (config.get("rope_scaling") or {}) | (config.get("rope_parameters") or {})


def _not_modelled(config: Mapping[str, Any]) -> list[str]:
    rope = _rope(config)
    kind = rope.get("rope_type") or rope.get("type") or "default"
    found = {
        "hidden_act": (config.get("hidden_act", "silu"), "silu"),
        "attention_bias": (config.get("attention_bias", False), False),
        "mlp_bias": (config.get("mlp_bias", False), False),
        "rope_scaling": (kind, "default"),
        "partial_rotary_factor": (rope.get("partial_rotary_factor", 1.0), 1.0),
        "quantization_config": (bool(config.get("quantization_config")), False),
    }
    return [f"{name} = {value}" for name, (value, ours) in found.items() if value != ours]


def _other_tensors(folder: Path, model: Llama) -> list[str]:
    """Compare names, shapes and types of all tensors with the model's parameters; no weight is read."""
    wanted = {
        plain_name(name): list(parameter.shape) for name, parameter in model.named_parameters() if not is_adapter(name)
    }
    there: dict[str, tuple[list[int], str]] = {}
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise TrainingError(f"{folder} has no weights in safetensors")
    for file in files:
        there |= _header(file)
    extra = [name for name in there if name not in wanted and not name.endswith(_COMPUTED)]
    if _HEAD in extra and model.shape.tie_word_embeddings and _same(files):
        extra.remove(_HEAD)  # a tied head that was written twice
    missing = [name for name in wanted if name not in there]
    problems = [*_grouped(extra), *(f"no {names}" for names in _grouped(missing))]
    for name, (shape, kind) in there.items():
        if name in wanted and shape != wanted[name]:
            problems.append(f"{name} of shape {shape}, not {wanted[name]}")
        elif name in wanted and kind not in _FLOATS:
            problems.append(f"{name} as {kind}")
    return problems


def _header(file: Path) -> dict[str, tuple[list[int], str]]:
    """Return shape and type of each tensor of a file in safetensors: the length of a JSON header, the header, the data.

    The library maps the whole file into memory to say so.
    """
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        ends = [about["data_offsets"][1] for about in header.values()]
        if file.stat().st_size != 8 + length + max(ends, default=0):
            raise ValueError("it is not as long as its header says")
        return {name: (about["shape"], about["dtype"]) for name, about in header.items()}
    except (OSError, ValueError, struct.error, KeyError, AttributeError, MemoryError) as error:
        raise TrainingError(f"cannot read the weights in {file}: {error}") from error


def _same(files: Iterable[Path]) -> bool:
    """Return whether the head is the embedding."""
    import torch

    found: dict[str, torch.Tensor] = {}
    for file in files:
        with safe_open(file, framework="pt") as tensors:
            names = {_HEAD, _EMBEDDING} & set(tensors.keys())
            found |= {name: tensors.get_tensor(name) for name in names}
    return _EMBEDDING in found and torch.equal(found[_HEAD], found[_EMBEDDING])


def _grouped(names: Iterable[str]) -> list[str]:
    """Return names without the numbers of layers, each once."""
    return list(Counter(re.sub(r"\.layers\.\d+\.", ".layers.*.", name) for name in names))
