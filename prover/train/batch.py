"""Sequences as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prover.train.data.packing import IGNORED
from prover.train.stream import TokenSequence


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """What goes through the model at once: B sequences of T tokens.

    tokens, labels: int64 [B, T]
    positions, segments: int64 [B, T] if attention stays within documents, else None
    learned: how many labels of each sequence count
    """

    tokens: Tensor
    labels: Tensor
    positions: Tensor | None
    segments: Tensor | None
    sources: tuple[str, ...]
    learned: tuple[int, ...]


def micro_batch(sequences: Sequence[TokenSequence], *, separate: bool, device: torch.device) -> MicroBatch:
    """Put sequences on a device. `separate`: attention stays within documents."""

    def tensor(name: str) -> Tensor:
        rows = np.stack([getattr(sequence, name) for sequence in sequences])
        return torch.from_numpy(rows).to(device, torch.int64, non_blocking=True)

    return MicroBatch(
        tokens=tensor("tokens"),
        labels=tensor("labels"),
        positions=tensor("positions") if separate else None,
        segments=tensor("segments") if separate else None,
        sources=tuple(sequence.source for sequence in sequences),
        learned=tuple(int((sequence.labels != IGNORED).sum()) for sequence in sequences),
    )


def blank(size: int, length: int, *, separate: bool, device: torch.device) -> MicroBatch:
    """Return a micro-batch from which nothing is learned, for a rank that has no data left where others have."""
    zeros = torch.zeros(size, length, dtype=torch.int64, device=device)
    extra = zeros if separate else None
    return MicroBatch(zeros, torch.full_like(zeros, IGNORED), extra, extra, ("",) * size, (0,) * size)
