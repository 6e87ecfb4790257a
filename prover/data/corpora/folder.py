"""A folder of sources in Proof-Pile-2's layout.

    FOLDER/manifest.json                       sources and their licences (optional, ours)
    FOLDER/arxiv/train/arXiv_000.jsonl.zst     SOURCE/SPLIT/SHARD; splits are train, validation, test
    FOLDER/open-web-math/validation/val.jsonl.zst
    FOLDER/algebraic-stack/train/github-lean-train-0000.jsonl.zst

A source whose shards are directly in its folder has only a split `train`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prover.data.corpora.shards import Document, is_shard, read_documents
from prover.errors import InvalidCorpusError

PROOF_PILE_2 = ("arxiv", "open-web-math", "algebraic-stack")
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The shards of each source, by split, in the order of their names."""

    root: Path
    sources: Mapping[str, Mapping[str, tuple[Path, ...]]]

    @classmethod
    def open(cls, root: Path) -> DataFolder:
        """List a folder. No shard is read yet.

        Raises:
            InvalidCorpusError: it has no shards, or an unknown split.
        """
        if not root.is_dir():
            raise InvalidCorpusError(f"there is no folder {root}")
        sources: dict[str, dict[str, tuple[Path, ...]]] = {}
        for source in sorted(path for path in root.iterdir() if path.is_dir()):
            splits: dict[str, tuple[Path, ...]] = {}
            if own := _shards(source):
                splits["train"] = own
            for split in sorted(path for path in source.iterdir() if path.is_dir()):
                shards = _shards(split)
                if shards and (split.name not in SPLITS or split.name in splits):
                    raise InvalidCorpusError(
                        f"{split} is no split; the layout is SOURCE/SPLIT/SHARD.jsonl.zst with the splits "
                        f"{', '.join(SPLITS)}, or SOURCE/SHARD.jsonl.zst"
                    )
                if shards:
                    splits[split.name] = shards
            if splits:
                sources[source.name] = splits
        if not sources:
            raise InvalidCorpusError(
                f"{root} has no data; the layout is SOURCE/SPLIT/SHARD.jsonl.zst, for example arxiv/train/..."
            )
        return cls(root, sources)

    def shards(self, source: str, split: str) -> tuple[Path, ...]:
        """Return the shards of one split. Raises InvalidCorpusError if there is no such split."""
        if source not in self.sources or split not in self.sources[source]:
            there = ", ".join(f"{name}/{part}" for name, parts in self.sources.items() for part in parts)
            raise InvalidCorpusError(f"{self.root} has no {source}/{split} (it has: {there})")
        return self.sources[source][split]

    def documents(self, source: str, split: str) -> Iterator[Document]:
        """Yield the documents of one split."""
        for shard in self.shards(source, split):
            yield from read_documents(shard)


def _shards(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.iterdir() if path.is_file() and is_shard(path)))
