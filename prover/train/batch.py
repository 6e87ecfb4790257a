"""Sequences as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prover.data.corpora.packing import IGNORED, PackedSequence
from prover.errors import InvalidCorpusError
from prover.train.stream import TokenSequence


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """B sequences of T tokens that go through the model together.

    tokens, labels: int64 [B, T]
    positions, segments: int64 [B, T] if attention stays within documents, else None
    learned: number of labels of each sequence that count
    """

    tokens: Tensor
    labels: Tensor
    positions: Tensor | None
    segments: Tensor | None
    sources: tuple[str, ...]
    learned: tuple[int, ...]


def micro_batch(
    sequences: Sequence[TokenSequence], *, separate: bool, device: torch.device, vocabulary: int
) -> MicroBatch:
    """Put sequences on a device. `separate`: attention stays within documents; `vocabulary`: of the model.

    Raises:
        InvalidCorpusError: a token is not in the vocabulary.
    """
    for sequence in sequences:
        _check_tokens(sequence, vocabulary)

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


def _check_tokens(sequence: TokenSequence, vocabulary: int) -> None:
    """An embedding would only say that some index is out of range, and a GPU less than that."""
    least = min(int(sequence.tokens.min()), 0)
    most = max(int(sequence.tokens.max()), int(sequence.labels.max()))
    if least < 0 or most >= vocabulary:
        raise InvalidCorpusError(
            f"a sequence of the source {sequence.source} has the token {least if least < 0 else most}, and the model "
            f"has only 0 to {vocabulary - 1}: pack the documents with the model's tokenizer"
        )


def blank(length: int) -> TokenSequence:
    """Return a sequence without labels, to fill a micro-batch."""
    zeros = np.zeros(length, np.int32)
    return PackedSequence(zeros, np.full_like(zeros, IGNORED), starts=zeros[:1], source="", number=-1)
