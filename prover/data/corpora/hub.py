"""Data sets and tokenizers from the Hugging Face hub. Needs a network and the extra `train`."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from prover.data.corpora.manifest import Manifest, SourceRecord
from prover.data.corpora.shards import SUFFIXES, Document, ShardWriter, write_documents
from prover.errors import InvalidCorpusError, MissingExtraError


def fetch_dataset(
    name: str, folder: Path, *, sources: Sequence[str] = (), splits: Sequence[str] = (), revision: str | None = None
) -> Path:
    """Fetch a data set whose files have Proof-Pile-2's layout, such as EleutherAI/proof-pile-2, into a folder.

    Only these sources and splits, if given. Existing files are not fetched again.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        InvalidCorpusError: it cannot be fetched.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError("train", "data of the Hugging Face hub") from error
    patterns = [
        f"{source}/{split}/*{suffix}" for source in sources or ["*"] for split in splits or ["*"] for suffix in SUFFIXES
    ]
    try:
        snapshot_download(name, repo_type="dataset", revision=revision, allow_patterns=patterns, local_dir=folder)
    except Exception as error:  # a family of the library's, of its HTTP client and of the system
        raise InvalidCorpusError(f"cannot fetch {name}: {str(error).splitlines()[0]}") from error
    return folder


def stream_dataset(
    name: str, *, config: str | None = None, split: str = "train", text: str = "text", revision: str | None = None
) -> Iterator[Document]:
    """Stream the documents of any data set that the library `datasets` reads.

    `name`: on the hub, or a folder. `text`: the column with the text; the others go into `meta`.

    Raises:
        MissingExtraError: datasets is not installed.
        InvalidCorpusError: it cannot be read, or has no such column.
    """
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise MissingExtraError("train", "data of the Hugging Face hub") from error
    try:
        rows = load_dataset(name, config, split=split, revision=revision, streaming=True)
    except Exception as error:  # the library raises what its file systems do
        raise InvalidCorpusError(f"cannot read the data set {name}: {str(error).splitlines()[0]}") from error
    for row in rows:
        if not isinstance(row.get(text), str):
            raise InvalidCorpusError(f"{name} has no text in a column {text!r}; it has: {', '.join(row)}")
        yield Document(row[text], {column: value for column, value in row.items() if column != text and value})


def fetch_stream(
    name: str, folder: Path, source: str, *, config: str | None = None, split: str = "train", text: str = "text"
) -> list[Path]:
    """Write a data set of the hub as a source of a data folder; return its shards."""
    return write_documents(folder / source / split, source, stream_dataset(name, config=config, split=split, text=text))


GENERAL_DATASET = "monology/pile-uncopyrighted"
"""The Pile without what was withdrawn from it; a row's `meta` names its part, GitHub among them."""
_RECORDS = {
    "pile": SourceRecord(origin="all but GitHub of {name}", licence="mixed; what was withdrawn is left out"),
    "github": SourceRecord(origin="GitHub of {name}", licence="each repository's own"),
}


def general_documents(
    documents: Iterable[Document], needed: Mapping[str, int]
) -> Iterator[tuple[Literal["pile", "github"], Document]]:
    """Yield documents of the Pile with their source, GitHub apart from the rest, until each has so many characters."""
    left = dict(needed)
    for document in documents:
        meta = document.meta.get("meta")
        part = meta.get("pile_set_name") if isinstance(meta, Mapping) else None
        source: Literal["pile", "github"] = "github" if part == "Github" else "pile"
        if left.get(source, 0) > 0:
            left[source] -= len(document.text)
            yield source, document
        if all(count <= 0 for count in left.values()):
            return


def fetch_general(folder: Path, needed: Mapping[str, int], *, name: str = GENERAL_DATASET) -> dict[str, int]:
    """Fetch general data for the paper's mixture as the sources `pile` and `github`; return how many documents.

    `needed`: characters of each source; no more is fetched than it takes to find them.

    Raises:
        MissingExtraError: datasets is not installed.
        InvalidCorpusError: it cannot be read.
    """
    counts = dict.fromkeys(needed, 0)
    with ExitStack() as stack:
        writers = {source: stack.enter_context(ShardWriter(folder / source / "train", source)) for source in needed}
        for source, document in general_documents(stream_dataset(name), needed):
            writers[source].add(document)
            counts[source] += 1
    manifest = Manifest.read(folder)
    for made, count in counts.items():
        known = _RECORDS[made]
        record = known.model_copy(update={"origin": known.origin.format(name=name), "documents": count})
        manifest = manifest.with_source(made, record)
    manifest.write(folder)
    return counts


def fetch_tokenizer(name: str) -> Path:
    """Fetch the tokenizer of a model; return its folder.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        InvalidCorpusError: there is no such model, or it has no tokenizer.json.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError("train", "data of the Hugging Face hub") from error
    files = ["tokenizer.json", "tokenizer_config.json"]
    try:
        folder = Path(snapshot_download(name, allow_patterns=files))
    except Exception as error:  # as above
        raise InvalidCorpusError(
            f"there is no file {name}, and no such model can be fetched: {str(error).splitlines()[0]}"
        ) from error
    if not fnmatch.filter((path.name for path in folder.iterdir()), files[0]):
        raise InvalidCorpusError(f"{name} has no {files[0]}")
    return folder
