"""A packed corpus: every document of a data folder as tokens, as `prover data pack` writes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from prover.data.corpora.folder import DataFolder
from prover.data.corpora.manifest import Manifest
from prover.data.corpora.shards import read_documents
from prover.data.corpora.tokenizer import Separator, Tokenizer, load_tokenizer
from prover.data.corpora.tokens import StoredTokens, checksum, shard_counts, write_shard
from prover.errors import InvalidCorpusError

CORPUS = "corpus.json"
CORPUS_VERSION = 1
_BATCH_CHARACTERS = 1 << 20


class PackedShard(BaseModel):
    """One tokenised file of documents. A corpus that an earlier version packed has no checksums.

    size, original: bytes and SHA-256 of the file of documents
    largest: largest token number that occurs
    checksum: of the tokens, see `shard_checksum`
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    split: str
    name: str
    size: int
    documents: int
    tokens: int
    original: str | None = None
    largest: int | None = None
    checksum: str | None = None


class PackedCorpus(BaseModel):
    """The content of `corpus.json`: the tokenizer, and all shards by `SOURCE/SPLIT/NAME`.

    `tokenizer`: name, and digest of the file; `tokenizer_digest`: of vocabulary and rules; `begin`, `end`: the tokens
    around every document.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = CORPUS_VERSION
    tokenizer: str
    tokenizer_digest: str | None = None
    separator: Separator = "tokenizer"
    vocabulary: int
    begin: int | None
    end: int
    shards: Mapping[str, PackedShard] = {}

    @classmethod
    def read(cls, folder: Path) -> PackedCorpus:
        """Read a packed corpus's description. Raises InvalidCorpusError if the folder has none."""
        try:
            return cls.model_validate_json((folder / CORPUS).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InvalidCorpusError(f"{folder} is no packed corpus; make one with `prover data pack`") from error
        except (OSError, ValidationError) as error:
            raise InvalidCorpusError(f"cannot read {folder / CORPUS}: {error}") from error

    def counts(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return documents and tokens of each source and split."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for shard in self.shards.values():
            documents, tokens = found.get((shard.source, shard.split), (0, 0))
            found[shard.source, shard.split] = documents + shard.documents, tokens + shard.tokens
        return dict(sorted(found.items()))

    def largest(self, folder: Path) -> int:
        """Return the largest token number that occurs: a tokenizer may declare more of them than ever do."""
        noted = [shard.largest for shard in self.shards.values()]
        if None not in noted:
            return max((number for number in noted if number is not None), default=-1)
        splits = {shard.split for shard in self.shards.values()}  # packed by an earlier version
        return max(source.largest() for split in splits for source in self.sources(folder, split))

    def sources(self, folder: Path, split: str = "train") -> list[StoredTokens]:
        """Return each source that has this split, for MixedSequences."""
        names = sorted({shard.source for shard in self.shards.values() if shard.split == split and shard.tokens})
        return [StoredTokens(name, folder / name / split, vocabulary=self.vocabulary) for name in names]


def pack(
    data: DataFolder,
    folder: Path,
    tokenizer_name: str,
    *,
    separator: Separator = "tokenizer",
    workers: int = 1,
    progress: Callable[[PackedShard], None] = lambda shard: None,
) -> PackedCorpus:
    """Tokenise every shard of a data folder that is not tokenised yet; return the corpus.

    Raises:
        InvalidCorpusError: a shard cannot be read, or the folder has a corpus of another tokenizer or separator.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock").acquire(timeout=0):
            return _pack(data, folder, tokenizer_name, separator, workers, progress)
    except Timeout:
        raise InvalidCorpusError(f"another process is writing to {folder}") from None


def _pack(
    data: DataFolder,
    folder: Path,
    tokenizer_name: str,
    separator: Separator,
    workers: int,
    progress: Callable[[PackedShard], None],
) -> PackedCorpus:
    tokenizer = load_tokenizer(tokenizer_name, separator)
    corpus = PackedCorpus(
        tokenizer=tokenizer.identity,
        tokenizer_digest=tokenizer.digest,
        separator=separator,
        vocabulary=tokenizer.vocabulary,
        begin=tokenizer.begin,
        end=tokenizer.end,
    )
    before = PackedCorpus.read(folder) if (folder / CORPUS).exists() else corpus
    _check_same_tokenizer(folder, before, corpus)
    shards: dict[str, PackedShard] = {}
    waiting: list[tuple[str, str, Path]] = []
    for source, splits in data.sources.items():
        for split, paths in splits.items():
            for path in paths:
                key, done = f"{source}/{split}/{path.name}", shard_counts(folder / source / split / path.name)
                known = before.shards.get(key)
                if known and done == (known.documents, known.tokens) and _is_of(known, path):
                    shards[key] = known
                else:
                    waiting.append((source, split, path))
    for key in before.shards.keys() - shards.keys():  # changed or deleted
        for stale in (folder / key).parent.glob(f"{before.shards[key].name}.*"):
            stale.unlink()

    def keep(shard: PackedShard) -> None:
        shards[f"{shard.source}/{shard.split}/{shard.name}"] = shard
        _write(corpus, shards, folder)
        progress(shard)

    _write(corpus, shards, folder)
    data_manifest = Manifest.read(data.root).completed(list(data.sources))
    data_manifest.write(folder)
    jobs = [(source, split, path, folder, tokenizer_name, separator) for source, split, path in waiting]
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            keep(_pack_shard(*job, tokenizer=tokenizer))
    else:
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
            futures = [pool.submit(_pack_shard, *job) for job in jobs]
            try:
                for future in as_completed(futures):
                    keep(future.result())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return PackedCorpus.read(folder)


def _check_same_tokenizer(folder: Path, before: PackedCorpus, now: PackedCorpus) -> None:
    same = before.tokenizer == now.tokenizer or (
        before.tokenizer_digest is not None and before.tokenizer_digest == now.tokenizer_digest
    )
    if not same:
        raise InvalidCorpusError(
            f"{folder} was packed with the tokenizer {before.tokenizer}, not {now.tokenizer}; give another folder"
        )
    if (before.begin, before.end) != (now.begin, now.end):
        raise InvalidCorpusError(
            f"each document in {folder} is between the tokens {before.begin} and {before.end}, and would now be "
            f"between {now.begin} and {now.end} (separator {now.separator}); give another folder"
        )


def _is_of(shard: PackedShard, path: Path) -> bool:
    """Return whether a shard is of this file of documents, as it is now."""
    return shard.size == path.stat().st_size and shard.original in (None, checksum(path))


def _write(corpus: PackedCorpus, shards: Mapping[str, PackedShard], folder: Path) -> None:
    ordered = dict(sorted(shards.items()))
    part = folder / f"{CORPUS}.part"
    text = json.dumps(corpus.model_copy(update={"shards": ordered}).model_dump(mode="json"), indent=1)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(folder / CORPUS)


def _pack_shard(
    source: str,
    split: str,
    path: Path,
    folder: Path,
    tokenizer_name: str,
    separator: Separator,
    tokenizer: Tokenizer | None = None,
) -> PackedShard:
    tokenizer = tokenizer or load_tokenizer(tokenizer_name, separator)
    size, original = path.stat().st_size, checksum(path)
    written = write_shard(
        folder / source / split / path.name, tokenised(path, tokenizer), vocabulary=tokenizer.vocabulary
    )
    return PackedShard(
        source=source,
        split=split,
        name=path.name,
        size=size,
        documents=written.documents,
        tokens=written.tokens,
        original=original,
        largest=written.largest,
        checksum=written.checksum,
    )


def tokenised(path: Path, tokenizer: Tokenizer) -> Iterator[tuple[list[int], int]]:
    """Yield each document's tokens, with begin and end tokens, and how many of them are its prompt."""
    texts: list[str] = []
    prompts: list[bool] = []
    size = 0

    def flush() -> Iterator[tuple[list[int], int]]:
        encoded = iter(tokenizer.encode(texts))
        begin = [] if tokenizer.begin is None else [tokenizer.begin]
        for prompted in prompts:
            given = next(encoded) if prompted else []
            yield begin + given + next(encoded) + [tokenizer.end], len(begin) + len(given) if prompted else 0

    for document in read_documents(path):
        # The prompt is tokenised separately, because a server that gets only the prompt does the same.
        parts = [document.text[: document.prompt], document.text[document.prompt :]] if document.prompt else []
        texts += parts or [document.text]
        prompts.append(bool(parts))
        size += len(document.text)
        if size >= _BATCH_CHARACTERS:
            yield from flush()
            texts, prompts, size = [], [], 0
    yield from flush()
