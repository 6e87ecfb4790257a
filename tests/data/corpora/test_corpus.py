"""Packing documents into tokens: nothing lost, resumable, the same from any number of processes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from prover.data.corpora.check_packed import changed_shards, check_corpus
from prover.data.corpora.corpus import CORPUS, PackedCorpus, pack
from prover.data.corpora.folder import DataFolder
from prover.data.corpora.mixture import MixedSequences, Mixture
from prover.data.corpora.packing import IGNORED
from prover.data.corpora.shards import Document, ShardWriter, write_documents
from prover.data.corpora.tokenizer import FileTokenizer, learn_tokenizer, load_tokenizer, write_tokenizer
from prover.data.corpora.tokenizer_files import write_begin
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
    special = {"bos_token": "<s>", "eos_token": {"content": "<end>"}, "add_bos_token": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(special))
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


def test_copies_of_a_tokenizer_are_one_and_others_are_not(data: DataFolder, tmp_path: Path, bpe: Path) -> None:
    pack(data, tmp_path / "packed", str(bpe))
    copy = tmp_path / "copy"
    copy.mkdir()
    content = json.loads((bpe / "tokenizer.json").read_text())
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]  # as older versions wrote them
    (copy / "tokenizer.json").write_text(json.dumps(content, indent=3))
    (copy / "tokenizer_config.json").write_bytes((bpe / "tokenizer_config.json").read_bytes())
    assert FileTokenizer(copy).digest == FileTokenizer(bpe).digest
    done: list[str] = []
    pack(data, tmp_path / "packed", str(copy), progress=lambda shard: done.append(shard.name))
    assert done == []
    content["model"]["merges"][:2] = content["model"]["merges"][1::-1]
    (copy / "tokenizer.json").write_text(json.dumps(content))
    assert FileTokenizer(copy).digest != FileTokenizer(bpe).digest
    with pytest.raises(InvalidCorpusError, match="packed with the tokenizer"):
        pack(data, tmp_path / "packed", str(copy))


def begin(tokenizer: Path, folder: Path, config: dict[str, object], post: object = None) -> int | None:
    """The begin token of a tokenizer with this configuration and post-processor."""
    folder.mkdir()
    content = json.loads((tokenizer / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(content | {"post_processor": post}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "<end>", **config}))
    return FileTokenizer(folder).begin


def test_documents_begin_as_the_tokenizer_begins_every_text(bpe: Path, tmp_path: Path) -> None:
    """vLLM puts the same token, or none, in front of a prompt."""
    adding = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}},
    }
    assert begin(bpe, tmp_path / "none", {}) is None
    assert begin(bpe, tmp_path / "rule", {}, adding) == 0
    assert begin(bpe, tmp_path / "told", {"add_bos_token": True}) == 0
    assert begin(bpe, tmp_path / "told not", {"add_bos_token": False}, adding) is None
    assert begin(bpe, tmp_path / "llama", {"tokenizer_class": "CodeLlamaTokenizer"}) == 0
    write_begin(tmp_path / "told not", 0)
    assert FileTokenizer(tmp_path / "told not").begin == 0
    write_begin(tmp_path / "rule", None)
    assert FileTokenizer(tmp_path / "rule").begin is None


def test_a_learned_tokenizer_begins_every_text(tmp_path: Path) -> None:
    write_tokenizer(learn_tokenizer(TEXTS, 300), tmp_path)
    tokenizer = FileTokenizer(tmp_path)
    assert (tokenizer.begin, tokenizer.end) == (0, 1)
    served = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode("n").ids
    assert served[0] == 0


def test_separators_as_gpt_neox_has_them(data: DataFolder, tmp_path: Path, bpe: Path) -> None:
    content, unknown = json.loads((bpe / "tokenizer.json").read_text()), FileTokenizer(bpe).vocabulary
    content["added_tokens"].append({**content["added_tokens"][0], "id": unknown, "content": "<unk>"})
    (tmp_path / "neox").mkdir()
    (tmp_path / "neox" / "tokenizer.json").write_text(json.dumps(content))
    corpus = pack(data, tmp_path / "packed", str(tmp_path / "neox"), separator="neox")
    assert (corpus.begin, corpus.end, corpus.vocabulary) == (None, unknown, unknown + 1)
    web = corpus.sources(tmp_path / "packed")[1]
    tokens = web.read(0, 0, int(web.lengths[0]))
    assert tokens[-1] == unknown
    assert tokens[0] != 0
    assert check_corpus(tmp_path / "packed") == []
    shutil.copy(bpe / "tokenizer_config.json", tmp_path / "neox")
    with pytest.raises(
        InvalidCorpusError, match=rf"between the tokens None and {unknown}, and would now be between 0 and 1"
    ):
        pack(data, tmp_path / "packed", str(tmp_path / "neox"))


def test_shards_have_checksums_and_know_their_largest_token(data: DataFolder, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    corpus = pack(data, folder, "bytes")
    assert {shard.largest for shard in corpus.shards.values()} == {256}
    assert list(changed_shards(corpus, folder)) == []
    tokens = folder / "web/train/web-0000.jsonl.zst.tokens"
    content = bytearray(tokens.read_bytes())
    content[2] ^= 1  # as long as before, and no impossible token
    tokens.write_bytes(content)
    assert list(changed_shards(corpus, folder)) == ["web/train/web-0000.jsonl.zst"]
    assert list(changed_shards(corpus, folder, split="validation")) == []
    assert check_corpus(folder) == [
        "web/train/web-0000.jsonl.zst is not as it was packed: its checksum differs; "
        "delete web/train/web-0000.jsonl.zst.documents.npy and pack again"
    ]


def test_documents_that_changed_without_growing_are_packed_again(tmp_path: Path) -> None:
    shard = tmp_path / "data" / "lean" / "lean.jsonl"
    shard.parent.mkdir(parents=True)
    shard.write_text('{"text": "one"}\n')
    pack(DataFolder.open(tmp_path / "data"), tmp_path / "packed", "bytes")
    shard.write_text('{"text": "two"}\n')
    corpus = pack(DataFolder.open(tmp_path / "data"), tmp_path / "packed", "bytes")
    (source,) = corpus.sources(tmp_path / "packed")
    assert bytes(source.read(0, 0, 3).astype(np.uint8)) == b"two"


def test_a_corpus_of_an_earlier_version_is_read_and_continued(data: DataFolder, tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    pack(data, folder, "bytes")
    old = json.loads((folder / CORPUS).read_text())
    for name in ("tokenizer_digest", "separator"):
        del old[name]
    for shard in old["shards"].values():
        for name in ("original", "largest", "checksum"):
            del shard[name]
    (folder / CORPUS).write_text(json.dumps(old))
    assert check_corpus(folder) == []
    done: list[str] = []
    assert pack(data, folder, "bytes", progress=lambda shard: done.append(shard.name)).tokenizer_digest == "bytes"
    assert done == []


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
