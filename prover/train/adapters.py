"""LoRA (arXiv 2106.09685) with peft: the matrices stay as they are, and small ones beside them learn.

Names in a model with adapters: `...q_proj.base_layer.weight`, `...q_proj.lora_A.default.weight`, `...lora_B...`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

from prover.errors import MissingExtraError
from prover.train.model import Llama
from prover.train.recipe import Lora

_BASE, _A, _B = ".base_layer", ".lora_A.default", ".lora_B.default"


def add_adapters(model: Llama, lora: Lora) -> None:
    """Put adapters beside the matrices that `lora` names; nothing else learns from now on.

    Raises:
        MissingExtraError: peft is not installed.
    """
    try:
        from peft import inject_adapter_in_model
    except ImportError as error:
        raise MissingExtraError("lora", "training with LoRA") from error
    inject_adapter_in_model(config_of(lora), model)


def config_of(lora: Lora) -> Any:
    """Return peft's configuration of adapters."""
    from peft import LoraConfig

    alpha: Any = lora.alpha  # declared as an integer there, and only divided by the rank
    return LoraConfig(r=lora.rank, lora_alpha=alpha, target_modules=list(lora.targets), lora_dropout=0.0, bias="none")


def initialise_adapters(model: Llama, seed: int) -> None:
    """Initialise A at random and B with zeros, so that nothing changes yet; the same for any number of ranks."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if is_adapter(name):
            whole = torch.zeros(parameter.shape)
            if _A in name:
                bound = parameter.shape[1] ** -0.5
                whole.uniform_(-bound, bound, generator=generator)
            set_model_state_dict(model, {name: whole}, options=StateDictOptions(full_state_dict=True, strict=False))


def is_adapter(name: str) -> bool:
    """Return whether a parameter is of an adapter."""
    return _A in name or _B in name


def plain_name(name: str) -> str:
    """Return a parameter's name in a model without adapters."""
    return name.replace(_BASE, "")


def parts_of(names: Mapping[str, torch.Size]) -> Iterator[tuple[str, list[str]]]:
    """Yield each plain name with the parameters that it is made of: itself, or base, A and B."""
    for name in names:
        if not is_adapter(name):
            stem, _, _ = name.partition(_BASE)
            adapted = [f"{stem}{part}.weight" for part in (_A, _B)] if _BASE in name else []
            yield plain_name(name), [name, *adapted]


def merged(parts: list[Tensor], lora: Lora | None) -> Tensor:
    """Return the matrix that base, A and B together are."""
    if lora is None or len(parts) == 1:
        return parts[0]
    base, down, up = parts
    return base + (up @ down) * (lora.alpha / lora.rank)


def write_adapters(folder: Path, lora: Lora, tensors: Mapping[str, Tensor], base: str) -> None:
    """Write adapters as peft and vLLM read them. `base`: the model that they belong to."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = config_of(lora)
    config.base_model_name_or_path, config.task_type = base, "CAUSAL_LM"
    config.save_pretrained(str(folder))
    named = {f"base_model.model.{name.replace('.default', '')}": tensor for name, tensor in tensors.items()}
    save_file(named, folder / "adapter_model.safetensors", metadata={"format": "pt"})
