"""FLOPs of a training step, and peaks of processors. No torch.

A token costs 6 N floating-point operations, N the parameters: two forward, four backward (arXiv 2001.08361). Causal
attention adds 6 * layers * heads * head_dim * context length: half of the full products, since half is masked.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.train.recipe import ModelShape


@dataclass(frozen=True, slots=True)
class Processor:
    """Memory in GB (10^9 bytes) and dense bf16 peak in FLOP/s, from the vendor's data sheet."""

    name: str
    memory_gb: float
    peak: float


PROCESSORS = {
    "a100-40gb": Processor("A100 40 GB", 42.9, 312e12),
    "a100-80gb": Processor("A100 80 GB", 85.9, 312e12),
    "h100": Processor("H100", 85.5, 989e12),
    "h200": Processor("H200", 150.0, 989e12),
    "b200": Processor("B200", 192.0, 2250e12),
    "l40s": Processor("L40S", 48.0, 362e12),
}


def peak_of(device_name: str) -> float | None:
    """Return the peak of the device that the driver calls by this name, or None."""
    for processor in PROCESSORS.values():
        if processor.name.split()[0] in device_name:
            return processor.peak
    return None


def operations_6n(shape: ModelShape) -> float:
    """Return 6 N: FLOPs per token without attention."""
    return 6.0 * shape.parameters


def operations_with_attention(shape: ModelShape, context_length: int) -> float:
    """Return 6 N plus causal attention: FLOPs per token."""
    attention = 6.0 * shape.num_hidden_layers * shape.num_attention_heads * shape.head_dim * context_length
    return operations_6n(shape) + attention
