"""Which test problems appear in training data: common runs of n words.

The Llemma paper's memorisation study (section 3.5) counts test problems and solutions that share a run of 30 words
with a training document; words are separated by white space. Training data is streamed once. A run is found by its
hash and then confirmed word by word.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from prover.data.contamination.ngrams import RunIndex, Words
from prover.data.corpora.shards import Document, is_shard, read_documents
from prover.errors import InvalidCorpusError

LENGTH = 30
FIELDS = ("problem", "question", "statement", "informal", "text", "solution", "answer", "proof", "output")
"""Fields of a test row that are searched for, if present."""
KEPT = 5
"""Number of training documents shown for each test item found."""
BLOCK = 1 << 16  # bytes of training text processed at once, to fit the processor's cache
_BETWEEN = b"\n"


@dataclass(frozen=True, slots=True)
class HeldOutText:
    """One text of a test row."""

    name: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A training document that shares a run of words with a test item: the longest such text and its location."""

    shard: str
    document: int
    text: str
    meta: dict[str, Any]


@dataclass(slots=True)
class Found:
    """One test item that was found: in how many documents, and the first of them."""

    documents: int = 0
    matches: list[Match] = field(default_factory=list)


@dataclass(slots=True)
class Overlap:
    """The result. `found`: by the number of the test item; `short`: items with fewer than n words, not searched for."""

    n: int
    items: tuple[HeldOutText, ...]
    short: int = 0
    found: dict[int, Found] = field(default_factory=dict)
    documents: int = 0
    overlapping_documents: int = 0
    bytes: int = 0
    elapsed_s: float = 0.0

    def add(self, other: Overlap) -> None:
        """Add the result on other training data."""
        for number, theirs in other.found.items():
            ours = self.found.setdefault(number, Found())
            ours.documents += theirs.documents
            ours.matches = (ours.matches + theirs.matches)[:KEPT]
        self.documents += other.documents
        self.overlapping_documents += other.overlapping_documents
        self.bytes += other.bytes

    def summary(self) -> dict[str, Any]:
        """Return the counts of the paper's table: items found, and documents they are found in."""
        by_field: dict[str, dict[str, int]] = {}
        for number, item in enumerate(self.items):
            counts = by_field.setdefault(item.field, {"items": 0, "found": 0})
            counts["items"] += 1
            counts["found"] += number in self.found
        return {
            "n": self.n,
            "items": len(self.items),
            "too_short": self.short,
            "found": len(self.found),
            "rows_found": len({self.items[number].name for number in self.found}),
            "by_field": by_field,
            "documents": self.documents,
            "overlapping_documents": self.overlapping_documents,
            "bytes": self.bytes,
            "elapsed_s": round(self.elapsed_s, 2),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each test item that was found."""
        for number, found in sorted(self.found.items()):
            item = self.items[number]
            yield {
                "item": item.name,
                "field": item.field,
                "documents": found.documents,
                "matches": [
                    {"shard": m.shard, "document": m.document, "text": m.text, "meta": m.meta} for m in found.matches
                ],
            }


class HeldOutIndex:
    """All runs of n words of the test items."""

    def __init__(self, items: Sequence[HeldOutText], n: int = LENGTH) -> None:
        if n < 1:
            raise InvalidCorpusError(f"a run of {n} words is none")
        self.n, self.items = n, tuple(items)
        self.words = [item.text.split() for item in items]
        self._index = RunIndex(n, [item.text.encode("utf-8", "replace") for item in items])
        self._places: dict[int, dict[tuple[str, ...], int]] = {}

    def empty(self) -> Overlap:
        """Return a result with nothing found yet."""
        return Overlap(self.n, self.items, short=sum(len(words) < self.n for words in self.words))

    def scan(self, documents: Iterable[Document], shard: str = "") -> Overlap:
        """Search training documents."""
        result = self.empty()
        block: list[Document] = []
        texts: list[bytes] = []
        size = 0
        for document in documents:
            text = document.text.encode("utf-8", "replace")
            block.append(document)
            texts.append(text)
            size += len(text)
            if size >= BLOCK:
                self._scan(block, texts, shard, result)
                block, texts, size = [], [], 0
        self._scan(block, texts, shard, result)
        return result

    def _scan(self, block: list[Document], texts: list[bytes], shard: str, result: Overlap) -> None:
        whole = _BETWEEN.join(texts)
        words = Words.of(whole)
        ends = np.cumsum([len(text) + len(_BETWEEN) for text in texts])
        runs: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (document, item) -> [(first word, last word)]
        for first, owners in self._index.find(words):
            last = first + self.n - 1
            number = int(np.searchsorted(ends, words.starts[first], side="right"))
            if words.ends[last] >= ends[number]:  # would reach into the next document
                continue
            text = whole[words.starts[first] : words.ends[last]].decode("utf-8")
            for item in np.unique(owners):
                if tuple(text.split()) in self._runs_of(int(item)):
                    spans = runs.setdefault((number, int(item)), [])
                    if spans and last == spans[-1][1] + 1:
                        spans[-1] = spans[-1][0], last
                    else:
                        spans.append((first, last))
        for (number, item), spans in runs.items():
            found = result.found.setdefault(item, Found())
            found.documents += 1
            if len(found.matches) < KEPT:
                first, last = max(spans, key=lambda span: span[1] - span[0])
                text = whole[words.starts[first] : words.ends[last]].decode("utf-8")
                found.matches.append(Match(shard, result.documents + number, text, dict(block[number].meta)))
        result.overlapping_documents += len({number for number, _ in runs})
        result.documents += len(block)
        result.bytes += sum(map(len, texts))

    def _runs_of(self, item: int) -> dict[tuple[str, ...], int]:
        if item not in self._places:
            words = self.words[item]
            self._places[item] = {tuple(words[i : i + self.n]): i for i in range(len(words) - self.n + 1)}
        return self._places[item]


def read_items(path: Path, fields: Sequence[str] = ()) -> list[HeldOutText]:
    """Read test rows from JSON Lines, each of their texts as an item; only of these fields, if given.

    Raises:
        InvalidCorpusError: the file cannot be read, or no row has such a field.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InvalidCorpusError(f"cannot read the test set {path} as JSON Lines: {error}") from error
    items = [
        HeldOutText(str(row.get("name") or row.get("id") or row.get("unique_id") or number), member, row[member])
        for number, row in enumerate(rows)
        if isinstance(row, dict)
        for member in fields or FIELDS
        if isinstance(row.get(member), str) and row[member].strip()
    ]
    if not items:
        there = ", ".join(sorted({key for row in rows if isinstance(row, dict) for key in row})) or "nothing"
        raise InvalidCorpusError(f"no row of {path} has text in {', '.join(fields or FIELDS)}; rows have: {there}")
    return items


def training_shards(path: Path) -> list[Path]:
    """Return all files of documents in a folder and below it, or the one file. Raises InvalidCorpusError if none."""
    shards = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and is_shard(p))
    if not shards:
        raise InvalidCorpusError(f"there is no file of documents (such as SHARD.jsonl.zst) in {path}")
    return shards


def overlap(
    index: HeldOutIndex,
    shards: Sequence[Path],
    *,
    workers: int = 1,
    progress: Callable[[Path], None] = lambda path: None,
) -> Overlap:
    """Search shards for test items, in parallel processes.

    Raises:
        InvalidCorpusError: a shard cannot be read.
    """
    started = time.monotonic()
    parts: dict[Path, Overlap] = {}
    if workers == 1 or len(shards) < 2:
        for shard in shards:
            parts[shard] = index.scan(read_documents(shard), str(shard))
            progress(shard)
    else:
        with ProcessPoolExecutor(
            min(workers, len(shards)), mp_context=get_context("spawn"), initializer=_prepare, initargs=(index,)
        ) as pool:
            futures = {pool.submit(_scan_shard, shard): shard for shard in shards}
            try:
                for future in as_completed(futures):
                    parts[futures[future]] = future.result()
                    progress(futures[future])
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    result = index.empty()
    for shard in shards:
        result.add(parts[shard])
    result.elapsed_s = time.monotonic() - started
    return result


_prepared: list[HeldOutIndex] = []


def _prepare(index: HeldOutIndex) -> None:
    _prepared[:] = [index]


def _scan_shard(shard: Path) -> Overlap:
    return _prepared[0].scan(read_documents(shard), str(shard))
