"""Tokenised documents on disk, written by `prover data pack` and read through memory maps.

CORPUS/corpus.json                       tokenizer, special tokens, sources, counts, provenance
CORPUS/SOURCE/SPLIT/SHARD.tokens         all tokens in sequence, little-endian uint16 (uint32 from 65,536)
CORPUS/SOURCE/SPLIT/SHARD.documents.npy  int64 [documents, 2]: end of each document, tokens of its prompt
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from prover.data.corpora.packing import Tokens
from prover.errors import InvalidCorpusError

TOKENS, DOCUMENTS = ".tokens", ".documents.npy"


def width(vocabulary: int) -> np.dtype[np.unsignedinteger]:
    """Return the smallest type that holds all token numbers."""
    return np.dtype("<u2") if vocabulary <= 1 << 16 else np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class WrittenShard:
    """What was written. `largest`: of its token numbers, -1 without any; `checksum`: see `shard_checksum`."""

    documents: int
    tokens: int
    largest: int
    checksum: str


def write_shard(base: Path, documents: Iterable[tuple[list[int], int]], *, vocabulary: int) -> WrittenShard:
    """Write documents, each as its tokens and the length of its prompt.

    The index is written last, so a shard with an index is complete.
    """
    base.parent.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[int, int]] = []
    end, largest = 0, -1
    part = base.with_name(base.name + ".part")
    with part.open("wb") as file:
        for tokens, prompt in documents:
            np.array(tokens, width(vocabulary)).tofile(file)
            end += len(tokens)
            largest = max(largest, max(tokens, default=-1))
            rows.append((end, prompt))
    part.replace(base.with_name(base.name + TOKENS))
    index = np.array(rows, "<i8").reshape(-1, 2)
    with part.open("wb") as file:
        np.save(file, index)
    part.replace(base.with_name(base.name + DOCUMENTS))
    return WrittenShard(len(rows), end, largest, shard_checksum(base))


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shard_checksum(base: Path) -> str:
    """Return the SHA-256 of the SHA-256 of a shard's two files. Raises InvalidCorpusError if one is missing."""
    try:
        parts = [checksum(base.with_name(base.name + suffix)) for suffix in (TOKENS, DOCUMENTS)]
    except OSError as error:
        raise InvalidCorpusError(f"cannot read {base}: {error.strerror or error}; pack the documents again") from error
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def shard_counts(base: Path) -> tuple[int, int] | None:
    """Return documents and tokens of a complete shard, or None."""
    path = base.with_name(base.name + DOCUMENTS)
    if not path.exists():
        return None
    index = np.load(path, mmap_mode="r")
    return len(index), int(index[-1, 0]) if len(index) else 0


class StoredTokens:
    """The shards of one split of a source as one TokenSource. Only what is read is loaded into memory."""

    def __init__(self, name: str, folder: Path, *, vocabulary: int) -> None:
        """Raises InvalidCorpusError if the folder has no documents, or a file's length does not match its index."""
        self.name = name
        dtype = width(vocabulary)
        self._maps: list[npt.NDArray[np.unsignedinteger]] = []
        starts, lengths, prompts, shards = [], [], [], []
        for path in sorted(folder.glob(f"*{DOCUMENTS}")):
            index = np.load(path)
            if not len(index):
                continue
            file = path.with_name(path.name.removesuffix(DOCUMENTS) + TOKENS)
            if not file.exists() or file.stat().st_size != int(index[-1, 0]) * dtype.itemsize:
                raise InvalidCorpusError(f"{file} is not as long as its index says; delete {path.name} and pack again")
            begins = np.concatenate([[0], index[:-1, 0]])
            shards.append(np.full(len(index), len(self._maps), np.int32))
            self._maps.append(np.memmap(file, dtype, "r"))
            starts.append(begins)
            lengths.append(index[:, 0] - begins)
            prompts.append(index[:, 1])
        if not shards:
            raise InvalidCorpusError(f"{folder} has no tokens; make them with `prover data pack`")
        self._shard, self._start = np.concatenate(shards), np.concatenate(starts)
        self.lengths: npt.NDArray[np.int64] = np.concatenate(lengths).astype(np.int64)
        self.prompts: npt.NDArray[np.int64] = np.concatenate(prompts).astype(np.int64)

    def read(self, document: int, start: int, stop: int) -> Tokens:
        """Return tokens [start, stop) of a document."""
        first = int(self._start[document])
        tokens: Tokens = self._maps[self._shard[document]][first + start : first + stop].astype(np.int32)
        return tokens

    def largest(self) -> int:
        """Return the largest token number that occurs; reads everything."""
        return max(int(tokens.max()) for tokens in self._maps)
