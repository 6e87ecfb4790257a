"""Files of documents: every kind is read as a stream, and what is wrong with one is said with its place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.data.corpora.folder import PROOF_PILE_2, DataFolder
from prover.data.corpora.shards import Document, ShardWriter, read_blocks, read_documents, write_documents
from prover.errors import InvalidCorpusError

ROWS = [{"text": f"text {i} ∀\nλ", "meta": {"i": i}} for i in range(50)]
CONTENT = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", CONTENT),
        ("a.jsonl", CONTENT.rstrip(b"\n")),
        ("a.jsonl.gz", gzip.compress(CONTENT)),
        ("a.jsonl.gz", gzip.compress(CONTENT[:100]) + gzip.compress(CONTENT[100:])),
        ("a.jsonl.zst", zstandard.compress(CONTENT)),
        ("a.jsonl.zst", zstandard.compress(CONTENT[:100]) + zstandard.compress(CONTENT[100:])),
        ("unpacked.jsonl.zst", CONTENT),  # there are such in the published data
    ],
)
def test_documents_of_every_kind_of_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = list(read_documents(tmp_path / name))
    assert [(document.text, document.meta) for document in found] == [(row["text"], row["meta"]) for row in ROWS]


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), max_size=20), st.integers(1, 400))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int) -> None:
    folder = tmp_path_factory.mktemp("shards")
    with ShardWriter(folder, "s", shard_bytes=size) as writer:
        for text in texts:
            writer.add(Document(text, {"n": len(text)}))
    read = [document.text for path in writer.shards for document in read_documents(path)]
    assert read == [text for text in texts if text]
    assert sorted(path.name for path in folder.iterdir()) == [f"s-{i:04}.jsonl.zst" for i in range(len(writer.shards))]


def test_blocks_are_whole_lines_of_a_large_file(tmp_path: Path) -> None:
    content = b"".join(b'{"text": "%d"}\n' % i for i in range(300_000))
    (tmp_path / "large.jsonl.zst").write_bytes(zstandard.compress(content))
    blocks = list(read_blocks(tmp_path / "large.jsonl.zst"))
    assert len(blocks) > 2
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks) == content


def test_empty_shards_rows_and_texts_hold_no_documents(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl.zst").write_bytes(zstandard.compress(b""))  # 13 bytes: as in the published data
    (tmp_path / "rows.jsonl").write_bytes(b'{}\n\n{"text": ""}\n{"text": "one", "meta": "{\\"a\\": 1}"}\n')
    assert list(read_documents(tmp_path / "empty.jsonl.zst")) == []
    assert list(read_documents(tmp_path / "rows.jsonl")) == [Document("one", {"a": 1})]


@pytest.mark.parametrize("packed", [zstandard.compress(CONTENT), gzip.compress(CONTENT)])
def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "cut.jsonl.zst").write_bytes(packed[:-10])
    with pytest.raises(InvalidCorpusError, match=r"cut\.jsonl\.zst is damaged or cut off"):
        list(read_documents(tmp_path / "cut.jsonl.zst"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('{"text": 3}', "`text` is not a string"),
        ('{"body": "x"}', "`text` is missing"),
        ("[1]", "not an object"),
        ('{"text": "x"', "not JSON"),
        ('{"text": "x", "meta": [1]}', "`meta` is not an object"),
        ('{"text": "x", "meta": {"prompt": 2}}', "`meta.prompt` is 2"),
    ],
)
def test_a_row_that_is_no_document_is_named_with_its_line(tmp_path: Path, row: str, why: str) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "fine"}\n\n' + row + "\n")
    with pytest.raises(InvalidCorpusError, match=rf"bad\.jsonl, line 3: .*{why}"):
        list(read_documents(tmp_path / "bad.jsonl"))


def test_a_failed_write_leaves_nothing_and_a_new_one_replaces_all(tmp_path: Path) -> None:
    with ShardWriter(tmp_path, "s", shard_bytes=10) as writer:
        for i in range(3):
            writer.add(Document(f"long enough {i}"))
    assert len(writer.shards) == 3

    def breaks_off() -> Iterator[Document]:
        yield Document("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_documents(tmp_path, "t", breaks_off())
    assert not list(tmp_path.glob("t*"))
    (path,) = write_documents(tmp_path, "s", [Document("only")])
    assert list(tmp_path.iterdir()) == [path]


def test_the_layout_of_proof_pile_2(tmp_path: Path) -> None:
    for source in PROOF_PILE_2:
        for split in ("train", "validation", "test"):
            write_documents(tmp_path / source / split, "shard", [Document(f"{source} {split}")])
    write_documents(tmp_path / "own", "flat", [Document("mine")])
    data = DataFolder.open(tmp_path)
    assert set(data.sources) == {*PROOF_PILE_2, "own"}
    assert [document.text for document in data.documents("arxiv", "validation")] == ["arxiv validation"]
    assert [document.text for document in data.documents("own", "train")] == ["mine"]
    with pytest.raises(InvalidCorpusError, match="has no own/test"):
        data.shards("own", "test")


def test_a_folder_of_something_else_is_refused_with_the_layout(tmp_path: Path) -> None:
    with pytest.raises(InvalidCorpusError, match="has no data; the layout is"):
        DataFolder.open(tmp_path)
    write_documents(tmp_path / "arxiv" / "dev", "shard", [Document("x")])
    with pytest.raises(InvalidCorpusError, match="dev is no split"):
        DataFolder.open(tmp_path)
    with pytest.raises(InvalidCorpusError, match="there is no folder"):
        DataFolder.open(tmp_path / "nowhere")
