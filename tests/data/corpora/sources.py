"""Sources of tokens made on the spot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from prover.data.corpora.packing import Tokens


class MemorySource:
    """Documents in memory. Every token is unique in the source: `first`, first + 1, ..."""

    def __init__(self, name: str, lengths: list[int], *, first: int = 0, prompts: list[int] | None = None) -> None:
        self.name = name
        self.lengths: npt.NDArray[np.int64] = np.array(lengths, np.int64)
        self.prompts: npt.NDArray[np.int64] = np.array(prompts or [0] * len(lengths), np.int64)
        ends = first + np.cumsum(self.lengths)
        self.documents: list[Tokens] = [
            np.arange(end - length, end, dtype=np.int32) for end, length in zip(ends, lengths, strict=True)
        ]

    def read(self, document: int, start: int, stop: int) -> Tokens:
        assert 0 <= start < stop <= len(self.documents[document])
        return self.documents[document][start:stop]
