"""Exact and near duplicates among documents.

Near: an estimated Jaccard similarity of the sets of five consecutive words of at least `threshold`, by MinHash with
locality-sensitive hashing (Broder 1997; Indyk and Motwani 1998), as in the deduplication of web text (Lee et al. 2022).
The first of several is kept, so the result depends on the order only. Everything is held in memory, about a kilobyte
per document: enough for a few million documents. Published corpora are already deduplicated.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

import numpy as np

from prover.errors import InvalidCorpusError

SHINGLE = 5
PERMUTATIONS = 128
_WORD = re.compile(r"\w+|[^\w\s]")


class Duplicate(StrEnum):
    """How a text repeats an earlier one."""

    EXACT = "exact"
    NEAR = "near"


class Duplicates:
    """Remembers texts, and says which repeat an earlier one."""

    def __init__(self, threshold: float | None = 0.9) -> None:
        """`threshold`: similarity from which texts are near duplicates; None: exact duplicates only.

        Raises:
            InvalidCorpusError: the threshold is not between 0 and 1.
        """
        if threshold is not None and not 0 < threshold <= 1:
            raise InvalidCorpusError(f"a similarity is between 0 and 1, not {threshold}")
        self._threshold = threshold
        self._exact: set[bytes] = set()
        if threshold is not None:
            from datasketch import MinHash, MinHashLSH

            self._empty = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=_word_hash, scheme="affine64")
            self._near = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
            self._kept: dict[int, object] = {}

    def find(self, text: str) -> Duplicate | None:
        """Return how `text` repeats an earlier text; if it does not, remember it and return None."""
        key = hashlib.blake2b(" ".join(text.split()).encode("utf-8", "replace"), digest_size=16).digest()
        if key in self._exact:
            return Duplicate.EXACT
        self._exact.add(key)
        if self._threshold is None:
            return None
        words = _WORD.findall(text)
        sketch = self._empty.copy()
        sketch.update_batch({" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))})
        for other in self._near.query(sketch):
            if sketch.jaccard(self._kept[other]) >= self._threshold:
                return Duplicate.NEAR
        number = len(self._kept)
        self._near.insert(number, sketch)
        self._kept[number] = sketch
        return None


def _word_hash(words: str) -> int:
    digest = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest()
    return int(np.frombuffer(digest, "<u8")[0])
