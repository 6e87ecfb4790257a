"""Making a source of training data from documents: without held-out theorems and duplicates, with a manifest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from prover.core.held_out import is_held_out, states_minif2f
from prover.data.corpora.duplicates import Duplicates
from prover.data.corpora.manifest import Manifest, Removed, SourceRecord
from prover.data.corpora.shards import Document, ShardWriter, is_shard, read_documents
from prover.errors import InvalidCorpusError

TEXT_SUFFIXES = (".lean", ".thy", ".py", ".md", ".rst", ".txt", ".tex")
LARGEST_TEXT = 4_000_000  # bytes; larger files are data


def build_source(
    folder: Path,
    name: str,
    documents: Iterable[Document],
    record: SourceRecord,
    *,
    near: float | None = 0.9,
    validation: float = 0.0,
    progress: Callable[[Document], None] = lambda document: None,
) -> SourceRecord:
    """Write a source into a data folder; return its record, which goes into the folder's manifest.

    `meta.theorem` names what a document is about, `meta.premises` what it cites. If any of these is held out for
    evaluation, or the text states a problem of miniF2F, the document is left out. `near`: see Duplicates.
    `validation`: share of a validation split; all documents of a theorem go into the same split.

    Raises:
        InvalidCorpusError: no document is left.
    """
    duplicates = Duplicates(near)
    removed: Counter[str] = Counter()
    theorems: set[str] = set()
    count = 0
    with ExitStack() as stack:
        writers = {split: ShardWriter(folder / name / split, name) for split in ("train", "validation")}
        for writer in writers.values():
            stack.enter_context(writer)
        for document in documents:
            progress(document)
            theorem = str(document.meta.get("theorem") or "")
            named = [theorem, *map(str, document.meta.get("premises") or ())]
            if any(part and is_held_out(part) for part in named) or states_minif2f(document.text):
                removed["held_out"] += 1
            elif duplicate := duplicates.find(document.text):
                removed[duplicate.value] += 1
            else:
                held_out = _share(theorem or document.text) < validation
                writers["validation" if held_out else "train"].add(document)
                count += 1
                theorems.update({theorem} - {""})
    if not count:
        raise InvalidCorpusError(f"no documents are left for {name}: {dict(removed) or 'there were none'}")
    made = record.model_copy(
        update={"documents": count, "removed": Removed(**removed), "theorems": tuple(sorted(theorems))}
    )
    Manifest.read(folder).with_source(name, made).write(folder)
    return made


def text_documents(paths: Iterable[Path]) -> Iterator[Document]:
    """Yield the documents of shards and text files, recursively; `meta.file` is the name of a text file.

    Raises:
        InvalidCorpusError: there is no such file or folder, or a shard cannot be read.
    """
    for path in paths:
        if not path.exists():
            raise InvalidCorpusError(f"there is no {path}")
        for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
            if is_shard(file):
                yield from read_documents(file)
            elif file.suffix in TEXT_SUFFIXES or file == path:
                try:
                    text = file.read_text(encoding="utf-8") if file.stat().st_size <= LARGEST_TEXT else ""
                except (OSError, UnicodeDecodeError):
                    continue
                if text.strip():
                    yield Document(text, {"file": str(file.relative_to(path)) if file != path else file.name})


def _share(key: str) -> float:
    digest = hashlib.sha256(f"validation {key}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
