"""One model on many ranks: tensor parallelism (DTensor), then sharding of weights and data (FSDP2).

As in torchtitan: norms and residuals are sharded along the sequence, matrices along heads or hidden units, the head
along the vocabulary. A single rank runs the same code on meshes of size one.
"""

from __future__ import annotations

import torch
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import Replicate, Shard
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    PrepareModuleInput,
    RowwiseParallel,
    SequenceParallel,
    parallelize_module,
)

from prover.train.model import Layer, Llama
from prover.train.recipe import Compute, Parallel, Recipe


def parallelise(model: Llama, mesh: DeviceMesh, recipe: Recipe) -> None:
    """Shard the model's parameters; `model` may be on the device `meta`."""
    if recipe.parallel.tensor > 1:
        _share_matrices(model, mesh["tensor"])
    model.document_attention = recipe.compute.document_attention
    whole = recipe.compute.document_attention == "mask" and recipe.lora is None
    for layer in _layers(model):
        layer.checkpointing = recipe.compute.activation_checkpointing
        if recipe.compute.compile:
            layer.compile(fullgraph=whole, dynamic=False)
    _shard(model, mesh, recipe.compute, recipe.parallel)


def _layers(model: Llama) -> list[Layer]:
    return list(model.model.layers)


def _share_matrices(model: Llama, mesh: DeviceMesh) -> None:
    parallelize_module(
        model,
        mesh,
        {
            "model.embed_tokens": RowwiseParallel(input_layouts=Replicate(), output_layouts=Shard(1)),
            "model.norm": SequenceParallel(),
            "lm_head": ColwiseParallel(input_layouts=Shard(1), output_layouts=Shard(-1), use_local_output=False),
        },
    )
    # The embedding's output is still being communicated. Passed to a compiled layer like that, it loses its gradient
    # (torch 2.13). A copy is complete.
    model.model.embed_tokens.register_forward_hook(lambda module, arguments, output: output.clone())
    whole = PrepareModuleInput(
        input_layouts=(Shard(1), None, None, None), desired_input_layouts=(Replicate(), None, None, None)
    )
    for layer in _layers(model):
        parallelize_module(
            layer,
            mesh,
            {
                "input_layernorm": SequenceParallel(),
                "self_attn": whole,
                "self_attn.q_proj": ColwiseParallel(),
                "self_attn.k_proj": ColwiseParallel(),
                "self_attn.v_proj": ColwiseParallel(),
                "self_attn.o_proj": RowwiseParallel(output_layouts=Shard(1)),
                "post_attention_layernorm": SequenceParallel(),
                "mlp": PrepareModuleInput(input_layouts=(Shard(1),), desired_input_layouts=(Replicate(),)),
                "mlp.gate_proj": ColwiseParallel(),
                "mlp.up_proj": ColwiseParallel(),
                "mlp.down_proj": RowwiseParallel(output_layouts=Shard(1)),
            },
        )


def _shard(model: Llama, mesh: DeviceMesh, compute: Compute, parallel: Parallel) -> None:
    data = mesh["replicate", "shard"] if parallel.replicate > 1 else mesh["shard"]
    precision = MixedPrecisionPolicy()
    if compute.precision == "bf16":
        precision = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
    options = {"mesh": data, "mp_policy": precision, "reshard_after_forward": parallel.reshard_after_forward}
    for layer in _layers(model):
        fully_shard(layer, **options)
    if model.lm_head is not None:
        fully_shard(model.model.embed_tokens, **options)
        # The backward pass needs it again at once, so it is not resharded in between.
        fully_shard([model.model.norm, model.lm_head], **(options | {"reshard_after_forward": False}))
    fully_shard(model, **options)
