"""Documents, characters and tokens of sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prover.data.corpora.shards import read_documents
from prover.data.corpora.tokenizer import Tokenizer

_BATCH = 256


def count_documents(
    shards: Iterable[tuple[str, str, Path]], tokenizer: Tokenizer | None, progress: Callable[[Path], None]
) -> list[dict[str, Any]]:
    """Return a row for each source and split of `shards` (source, split, file).

    Tokens are counted only with a tokenizer, without begin and end tokens.

    Raises:
        InvalidCorpusError: a shard cannot be read.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for source, split, path in shards:
        row = rows.setdefault(
            (source, split), {"source": source, "split": split, "documents": 0, "characters": 0, "bytes": 0}
        )
        batch: list[str] = []
        for document in read_documents(path):
            row["documents"] += 1
            row["characters"] += len(document.text)
            row["bytes"] += len(document.text.encode("utf-8", "replace"))
            batch.append(document.text)
            if len(batch) == _BATCH:
                _add_tokens(row, batch, tokenizer)
                batch = []
        _add_tokens(row, batch, tokenizer)
        progress(path)
    return list(rows.values())


def _add_tokens(row: dict[str, Any], texts: list[str], tokenizer: Tokenizer | None) -> None:
    if tokenizer:
        row["tokens"] = row.get("tokens", 0) + sum(map(len, tokenizer.encode(texts)))
