"""Texts as vectors, for LeanCopilot's `/encode`."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise
from typing import Protocol

DIMENSIONS = 1472  # as many as ReProver's retriever has
_WORD = re.compile(r"[^\W\d_][\w']*|\d+|[^\w\s]")


class Encoder(Protocol):
    """A text encoder. Only vectors of the same `identity` are comparable."""

    @property
    def identity(self) -> str:
        """Name and version."""

    async def encode(self, text: str) -> list[float]:
        """Return the vector of a text.

        Raises:
            LanguageModelError: the model cannot be reached or gives an invalid answer.
        """

    async def close(self) -> None:
        """Close its connections."""


class LexicalEncoder:
    """Words and bigrams hashed into a unit vector, so texts that share words are close. Not learned."""

    identity = "lexical@1"

    async def encode(self, text: str) -> list[float]:
        """Return a vector of length 1, or of zeros for a text without words."""
        words = _WORD.findall(text)
        counts = Counter([*words, *(f"{a} {b}" for a, b in pairwise(words))])
        vector = [0.0] * DIMENSIONS
        for feature, count in counts.items():
            number = zlib.crc32(feature.encode())
            vector[number % DIMENSIONS] += math.copysign(1 + math.log(count), (number >> 16 & 1) - 0.5)
        length = math.hypot(*vector)
        return [value / length for value in vector] if length else vector

    async def close(self) -> None:
        """Do nothing: there is no connection."""
