"""Documents in JSON Lines files, compressed with zstd, gzip or not at all: streamed when read, complete when written.

A row is `{"text": ..., "meta": {...}}`, as in Proof-Pile-2. `meta` may be missing, or JSON text. In our own data
`meta.prompt` is the number of characters at the start of `text` that are given, not predicted.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson
import zstandard

from prover.errors import InvalidCorpusError

SUFFIXES = (".jsonl.zst", ".jsonl.gz", ".jsonl", ".json.zst", ".json.gz")
_READ = 1 << 20
_READ_PACKED = 1 << 15  # unpacked it may be many times as much
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_LARGEST_WINDOW = 1 << 31


@dataclass(frozen=True, slots=True)
class Document:
    """One training text with the metadata of its row."""

    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> int:
        """Number of characters at the start that are given, not predicted."""
        return int(self.meta.get("prompt", 0))


def is_shard(path: Path) -> bool:
    """Is this the name of a file of documents?"""
    return path.name.endswith(SUFFIXES)


def read_blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's uncompressed content in blocks of whole lines.

    The compression is recognised by the first bytes, because names of published files are not always right.

    Raises:
        InvalidCorpusError: it cannot be read, is damaged or truncated.
    """
    rest = b""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            unpacked = _unzstd(file) if start == _ZSTD else _ungzip(file) if start[:2] == _GZIP else _plain(file)
            for block in unpacked:
                end = block.rfind(b"\n") + 1
                if end:
                    yield rest + block[:end]
                    rest = block[end:]
                else:
                    rest += block
    except OSError as error:
        raise InvalidCorpusError(f"cannot read {path}: {error.strerror or error}") from error
    except (zstandard.ZstdError, zlib.error, EOFError) as error:
        raise InvalidCorpusError(f"{path} is damaged or cut off ({error}); fetch it again") from error
    if rest:
        yield rest


def read_documents(path: Path) -> Iterator[Document]:
    """Yield the documents of a file. Empty rows, which Proof-Pile-2 has, are skipped.

    Raises:
        InvalidCorpusError: the file cannot be read, or a row is invalid; the message has the line.
    """
    line = 0
    for block in read_blocks(path):
        for row in block.split(b"\n"):
            line += 1
            if row.strip():
                document = _document(row, path, line)
                if document.text:
                    yield document
        line -= block.endswith(b"\n")


def _document(row: bytes, path: Path, line: int) -> Document:
    def invalid(why: str) -> InvalidCorpusError:
        return InvalidCorpusError(
            f'{path}, line {line}: {why}; a row is {{"text": "...", "meta": {{...}}}}, where meta may be left out'
        )

    try:
        value = orjson.loads(row)
    except orjson.JSONDecodeError as error:
        raise invalid(f"this is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise invalid("this is not an object")
    text, meta = value.get("text", "" if not value else None), value.get("meta") or {}
    if not isinstance(text, str):
        raise invalid("`text` is missing" if text is None else "`text` is not a string")
    if isinstance(meta, str):
        try:
            meta = orjson.loads(meta)
        except orjson.JSONDecodeError:
            meta = {"meta": meta}
    if not isinstance(meta, dict):
        raise invalid("`meta` is not an object")
    prompt = meta.get("prompt", 0)
    if isinstance(prompt, int) and not 0 <= prompt <= len(text):
        raise invalid(f"`meta.prompt` is {prompt}, and the text has {len(text)} characters")
    return Document(text, meta if isinstance(prompt, int) else {k: v for k, v in meta.items() if k != "prompt"})


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_READ):
        yield block


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    # Frame by frame: the library's own stream does not report a truncated last frame.
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    frame = None
    while packed := file.read(_READ_PACKED):
        while packed:
            frame = frame or decompressor.decompressobj()
            block = frame.decompress(packed)
            if block:
                yield block
            packed = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError("the last frame has no end")


def _ungzip(file: BinaryIO) -> Iterator[bytes]:
    member = None
    while packed := file.read(_READ_PACKED):
        while packed:
            member = member or zlib.decompressobj(wbits=31)
            block = member.decompress(packed)
            if block:
                yield block
            packed = member.unused_data if member.eof else b""
            member = None if member.eof else member
    if member is not None:
        raise EOFError("the last member has no end")


class ShardWriter:
    """Writes documents to `PREFIX-0000.jsonl.zst`, `PREFIX-0001.jsonl.zst`, ... in a folder.

    A shard gets its name only when it is complete. Earlier shards with that prefix are replaced.
    """

    def __init__(self, folder: Path, prefix: str, *, shard_bytes: int = 1 << 28) -> None:
        """`shard_bytes`: bytes of JSON after which the next shard starts."""
        self._folder, self._prefix, self._shard_bytes = folder, prefix, shard_bytes
        self.shards: list[Path] = []
        self._part: Path | None = None
        self._packed: io.BufferedWriter | zstandard.ZstdCompressionWriter | None = None
        self._written = 0

    def add(self, document: Document) -> None:
        """Write one document."""
        if self._packed is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{self._prefix}-{len(self.shards):04}.jsonl.zst"
            self._part = path.with_suffix(f".{os.getpid()}.part")
            self._packed = zstandard.ZstdCompressor(level=10).stream_writer(self._part.open("wb"))
            self._written = 0
            self.shards.append(path)
        row = orjson.dumps({"text": document.text, "meta": dict(document.meta)}) + b"\n"
        self._packed.write(row)
        self._written += len(row)
        if self._written >= self._shard_bytes:
            self._finish()

    def _finish(self) -> None:
        if self._packed is not None and self._part is not None:
            self._packed.close()
            self._part.replace(self.shards[-1])
            self._packed = self._part = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
            for stale in self._folder.glob(f"{self._prefix}-[0-9][0-9][0-9][0-9].jsonl.zst"):
                if stale not in self.shards:
                    stale.unlink()
        elif self._packed is not None and self._part is not None:
            self._packed.close()
            self._part.unlink()


def write_documents(folder: Path, prefix: str, documents: Iterable[Document]) -> list[Path]:
    """Write documents to shards, see ShardWriter; return their paths."""
    with ShardWriter(folder, prefix) as writer:
        for document in documents:
            writer.add(document)
    return writer.shards
