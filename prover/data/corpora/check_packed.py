"""Faults in a packed corpus: of its files, and of what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from prover.data.corpora.corpus import PackedCorpus, PackedShard
from prover.data.corpora.tokens import shard_checksum

_READERS = 8  # hashing releases the interpreter's lock


def changed_shards(corpus: PackedCorpus, folder: Path, *, split: str | None = None) -> Iterator[str]:
    """Yield `SOURCE/SPLIT/NAME` of the shards that are not as they were written; those without a checksum pass.

    Reads every file once. Raises InvalidCorpusError if one is missing.
    """
    shards = [(key, shard) for key, shard in corpus.shards.items() if split in (None, shard.split) and shard.checksum]

    def is_changed(item: tuple[str, PackedShard]) -> bool:
        return shard_checksum(folder / item[0]) != item[1].checksum

    with ThreadPoolExecutor(_READERS) as pool:
        for (key, _), changed in zip(shards, pool.map(is_changed, shards), strict=True):
            if changed:
                yield key


def check_corpus(folder: Path) -> list[str]:
    """Return the faults of a packed corpus, a sentence each: checksums, lengths, token numbers, ends of documents."""
    corpus = PackedCorpus.read(folder)
    found = [
        f"{key} is not as it was packed: its checksum differs; delete {key}.documents.npy and pack again"
        for key in changed_shards(corpus, folder)
    ]
    for split in sorted({shard.split for shard in corpus.shards.values()}):
        for source in corpus.sources(folder, split):
            for document in range(len(source.lengths)):
                tokens = source.read(document, 0, int(source.lengths[document]))
                if int(tokens.max()) >= corpus.vocabulary or int(tokens[-1]) != corpus.end:
                    found.append(f"{source.name}/{split}: document {document} is damaged; delete and pack again")
                    break
                if np.count_nonzero(tokens == corpus.end) > 1 and corpus.separator == "tokenizer":
                    found.append(f"{source.name}/{split}: document {document} has an end of document inside")
                    break
    return found
