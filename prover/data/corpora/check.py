"""Faults in a folder of documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prover.core.held_out import is_held_out
from prover.data.corpora.folder import DataFolder
from prover.data.corpora.manifest import Manifest
from prover.data.corpora.shards import read_documents
from prover.errors import InvalidCorpusError


def check_documents(data: DataFolder, progress: Callable[[Path], None] = lambda path: None) -> list[str]:
    """Read every row; return the faults, a sentence each: invalid rows, held-out theorems, the manifest.

    An invalid row ends the reading of its shard.
    """
    found: list[str] = []
    for source, splits in data.sources.items():
        documents = 0
        for paths in splits.values():
            for path in paths:
                try:
                    for document in read_documents(path):
                        documents += 1
                        theorem = str(document.meta.get("theorem") or "")
                        if theorem and is_held_out(theorem):
                            found.append(f"{path}: {theorem} is held out for evaluation; build the source again")
                except InvalidCorpusError as error:
                    found.append(str(error))
                progress(path)
        if not documents:
            found.append(f"{source}: there are no documents in it")
    manifest = Manifest.read(data.root).completed(list(data.sources))
    return found + manifest.problems(list(data.sources))
