"""Packing documents into tokens: nothing lost, resumable, the same from any number of processes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from prover.data.corpora.corpus import PackedCorpus, check_corpus, pack
from prover.data.corpora.folder import DataFolder
from prover.data.corpora.mixture import MixedSequences, Mixture
from prover.data.corpora.packing import IGNORED
from prover.data.corpora.shards import Document, ShardWriter, write_documents
from prover.data.corpora.tokenizer import FileTokenizer, load_tokenizer
from prover.errors import InvalidCorpusError

TEXTS = [f"theorem t{i} (n : ℕ) : n + {i} = {i} + n" for i in range(40)]


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    with ShardWriter(tmp_path / "data" / "lean" / "train", "lean", shard_bytes=600) as writer:
        for text in TEXTS:
            writer.add(Document(text, {"prompt": text.index(":=") if ":=" in text else 7}))
    write_documents(tmp_path / "data" / "web" / "train", "web", [Document("some words " * 30)])
    write_documents(tmp_path / "data" / "web" / "validation", "web", [Document("other words")])
    return DataFolder.open(tmp_path / "data")


@pytest.fixture(scope="module")
def bpe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tokenizer as Hugging Face writes it."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "<end>"], initial_alphabet=alphabet, show_progress=False
    )
    bare.train_from_iterator(TEXTS, trainer)
    folder = tmp_path_factory.mktemp("tokenizer")
    bare.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": {"content": "<end>"}}))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_every_document_is_there_token_by_token(data: DataFolder, tmp_path: Path) -> None:
    corpus = pack(data, tmp_path / "packed", "bytes")
    lean, web = corpus.sources(tmp_path / "packed")
    assert corpus.counts()["lean", "train"] == (40, sum(len(text.encode()) + 1 for text in TEXTS))
    assert len({shard.name for shard in corpus.shards.values() if shard.source == "lean"}) > 2
    for number, text in enumerate(TEXTS):
        tokens = lean.read(number, 0, int(lean.lengths[number]))
        assert bytes(tokens[:-1].astype(np.uint8)).decode() == text
        assert tokens[-1] == corpus.end
        assert lean.prompts[number] == 7
    assert web.name == "web"
    assert check_corpus(tmp_path / "packed") == []


def test_any_number_of_processes_packs_the_same(data: DataFolder, tmp_path: Path, bpe: Path) -> None:
    pack(data, tmp_path / "one", str(bpe))
    pack(data, tmp_path / "two", str(bpe), workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_packing_goes_on_with_what_is_left_or_changed(data: DataFolder, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    pack(data, folder, "bytes")
    whole = contents(folder)
    (folder / "lean/train/lean-0001.jsonl.zst.documents.npy").unlink()  # killed before this one was complete
    done: list[str] = []
    pack(data, folder, "bytes", progress=lambda shard: done.append(shard.name))
    assert done == ["lean-0001.jsonl.zst"]
    assert contents(folder) == whole
    write_documents(data.root / "web" / "train", "web", [Document("now other words")])
    changed = pack(DataFolder.open(data.root), folder, "bytes", progress=lambda shard: done.append(shard.name))
    assert done[1:] == ["web-0000.jsonl.zst"]
    assert changed.counts()["web", "train"] == (1, 16)


def test_a_corpus_has_one_tokenizer(data: DataFolder, tmp_path: Path, bpe: Path) -> None:
    pack(data, tmp_path / "packed", "bytes")
    with pytest.raises(InvalidCorpusError, match="packed with the tokenizer bytes"):
        pack(data, tmp_path / "packed", str(bpe))


def test_special_tokens_in_a_text_are_text(bpe: Path) -> None:
    tokenizer = load_tokenizer(str(bpe))
    assert isinstance(tokenizer, FileTokenizer)
    (tokens,) = tokenizer.encode(["a <end> b <s> c"])
    assert tokenizer.begin == 0
    assert tokenizer.end == 1
    assert not {0, 1} & set(tokens)


def test_a_tokenizer_without_an_end_of_document_is_refused(tmp_path: Path) -> None:
    Tokenizer(models.WordLevel({"a": 0}, unk_token="a")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(InvalidCorpusError, match="no token for the end of a document"):
        load_tokenizer(str(tmp_path))


def test_a_damaged_corpus_is_found(data: DataFolder, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    pack(data, folder, "bytes")
    tokens = next((folder / "web" / "train").glob("*.tokens"))
    content = tokens.read_bytes()
    tokens.write_bytes(content[:-2] + b"\x01\x00")
    assert any("web/train: document 0 is damaged" in problem for problem in check_corpus(folder))
    tokens.write_bytes(content[:-2])
    with pytest.raises(InvalidCorpusError, match="not as long as its index says"):
        check_corpus(folder)


def test_a_trainer_reads_a_packed_corpus_without_prompts_as_labels(data: DataFolder, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    pack(data, folder, "bytes")
    sources = PackedCorpus.read(folder).sources(folder)
    mixed = MixedSequences(sources, Mixture.parse("lean=3,web=1"), context_length=32, seed=0)
    drawn = [next(mixed) for _ in range(80)]
    assert {sequence.tokens.dtype for sequence in drawn} == {np.dtype(np.int32)}
    assert sum(sequence.source == "lean" for sequence in drawn) == 60
    lean = [sequence for sequence in drawn if sequence.source == "lean"]
    labelled = bytes(
        int(label) for sequence in lean for label in sequence.labels if label not in {IGNORED, 256}
    ).decode("utf-8", "ignore")
    assert "theorem" not in labelled
    assert "(n : ℕ)" in labelled
