"""One tokenizer from the corpus to the weights to the exported model, and the same data when a run is resumed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from prover.data.corpora.corpus import pack  # noqa: E402
from prover.data.corpora.folder import DataFolder  # noqa: E402
from prover.data.corpora.shards import Document, write_documents  # noqa: E402
from prover.data.corpora.tokenizer import FileTokenizer, learn_tokenizer, write_tokenizer  # noqa: E402
from prover.data.corpora.tokenizer_files import write_begin  # noqa: E402
from prover.errors import InvalidCorpusError, InvalidRecipeError, RunConflictError  # noqa: E402
from prover.train.data_record import MODEL_DATA  # noqa: E402
from prover.train.export import export  # noqa: E402
from prover.train.run import train  # noqa: E402
from prover.train.stream import open_corpus  # noqa: E402
from tests.train.runs import Seen, tiny  # noqa: E402

TEXTS = [f"theorem t{i} (n : Nat) : n + {i} = {i} + n := by omega" for i in range(40)]
OTHER = ["entirely different words about weather and food"] * 5
VOCABULARY = 300


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    write_documents(tmp_path / "data" / "lean" / "train", "lean", [Document(text) for text in TEXTS])
    write_documents(tmp_path / "data" / "lean" / "validation", "lean", [Document(text) for text in TEXTS[:5]])
    return DataFolder.open(tmp_path / "data")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    write_tokenizer(learn_tokenizer(TEXTS, VOCABULARY), folder)
    return folder


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theirs")
    write_tokenizer(learn_tokenizer(OTHER, VOCABULARY), folder)
    return folder


def run(corpus: Path, folder: Path, *, resume: bool = False, vocabulary: int = VOCABULARY, **start: Any) -> Seen:
    recipe = tiny(
        steps=2,
        model={"vocab_size": vocabulary},
        start=start,
        data={"corpus": str(corpus), "mixture": "lean=1"},
    )
    seen = Seen()
    opened = open_corpus(recipe.data, recipe.model.vocab_size)
    train(recipe, opened, folder, resume=resume, watcher=seen)
    return seen


def test_weights_of_another_tokenizer_are_refused_and_a_copy_of_it_is_not(
    data: DataFolder, ours: Path, theirs: Path, tmp_path: Path
) -> None:
    pack(data, tmp_path / "corpus", str(ours))
    pack(data, tmp_path / "bytes", "bytes")
    run(tmp_path / "corpus", tmp_path / "run", tokenizer=str(ours))
    export(tmp_path / "run", tmp_path / "model", dtype="float32")

    with pytest.raises(
        InvalidRecipeError, match=r"packed with the tokenizer bytes, and .*: the same numbers are other"
    ):
        run(tmp_path / "bytes", tmp_path / "other", weights=str(tmp_path / "model"))
    assert not (tmp_path / "other" / "recipe.json").exists()
    with pytest.raises(InvalidRecipeError, match="the same numbers are other tokens"):
        run(tmp_path / "corpus", tmp_path / "other", tokenizer=str(theirs))
    shutil.rmtree(tmp_path / "corpus")
    pack(data, tmp_path / "corpus", str(tmp_path / "model"))
    run(tmp_path / "corpus", tmp_path / "other", weights=str(tmp_path / "model"))
    assert (tmp_path / "other" / "recipe.json").exists()


def test_a_model_that_does_not_tell_its_tokenizer_needs_one_named(data: DataFolder, ours: Path, tmp_path: Path) -> None:
    pack(data, tmp_path / "corpus", str(ours))
    pack(data, tmp_path / "bytes", "bytes")
    run(tmp_path / "bytes", tmp_path / "run")
    export(tmp_path / "run", tmp_path / "model", dtype="float32")
    assert json.loads((tmp_path / "model" / "config.json").read_text())["eos_token_id"] == 256
    with pytest.raises(InvalidRecipeError, match="has bytes: the same numbers"):  # told by the run it is from
        run(tmp_path / "corpus", tmp_path / "other", weights=str(tmp_path / "model"))
    (tmp_path / "model" / MODEL_DATA).unlink()
    with pytest.raises(InvalidRecipeError, match=r"start\.tokenizer=FOLDER"):
        run(tmp_path / "corpus", tmp_path / "other", weights=str(tmp_path / "model"))
    run(tmp_path / "corpus", tmp_path / "other", weights=str(tmp_path / "model"), tokenizer=str(ours))


def test_an_export_stops_where_the_tokenizer_was_exchanged(
    data: DataFolder, ours: Path, theirs: Path, tmp_path: Path
) -> None:
    named = tmp_path / "named"
    shutil.copytree(ours, named)
    pack(data, tmp_path / "corpus", str(named))
    run(tmp_path / "corpus", tmp_path / "run", tokenizer=str(named))
    shutil.copy(theirs / "tokenizer.json", named)
    with pytest.raises(InvalidRecipeError, match="the same numbers are other tokens"):
        export(tmp_path / "run", tmp_path / "model", dtype="float32")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("separator", ["tokenizer", "neox"])
def test_the_exported_tokenizer_begins_a_prompt_as_documents_began(
    data: DataFolder, ours: Path, tmp_path: Path, separator: Any
) -> None:
    named = tmp_path / "named"
    shutil.copytree(ours, named)
    if separator == "neox":
        words = json.loads((named / "tokenizer.json").read_text())
        words["added_tokens"].append({**words["added_tokens"][0], "id": VOCABULARY, "content": "<|endoftext|>"})
        (named / "tokenizer.json").write_text(json.dumps(words))
    corpus = pack(data, tmp_path / "corpus", str(named), separator=separator)
    write_begin(named, None if corpus.begin == 0 else 0)  # the tokenizer was changed after packing
    assert FileTokenizer(named).begin != corpus.begin
    run(tmp_path / "corpus", tmp_path / "run", tokenizer=str(named), vocabulary=VOCABULARY + 1)
    export(tmp_path / "run", tmp_path / "model", dtype="float32")
    served = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")("n + 1").input_ids
    plain = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")("n + 1", add_special_tokens=False).input_ids
    assert served == ([] if corpus.begin is None else [corpus.begin]) + plain


def test_resuming_on_data_that_changed_without_growing_stops(data: DataFolder, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    pack(data, corpus, "bytes")
    run(corpus, tmp_path / "run")
    run(corpus, tmp_path / "run", resume=True)

    (tokens,) = (corpus / "lean" / "train").glob("*.tokens")
    whole = tokens.read_bytes()
    tokens.write_bytes(whole[:2] + b"a\0" + whole[4:])
    with pytest.raises(InvalidCorpusError, match="not as it was packed: another checksum of lean/train/lean-0000"):
        run(corpus, tmp_path / "run", resume=True)
    tokens.write_bytes(whole)

    write_documents(data.root / "later" / "train", "later", [Document("of no concern to this run")])
    pack(DataFolder.open(data.root), corpus, "bytes")
    run(corpus, tmp_path / "run", resume=True)

    changed = [Document(text.replace("theorem", "lemmata")) for text in TEXTS]
    write_documents(data.root / "lean" / "train", "lean", changed)
    pack(DataFolder.open(data.root), corpus, "bytes")
    assert tokens.stat().st_size == len(whole)
    with pytest.raises(RunConflictError, match="has changed: lean/train/lean-0000"):
        run(corpus, tmp_path / "run", resume=True)


def test_a_vocabulary_that_declares_more_than_occurs_is_trained_on(
    data: DataFolder, ours: Path, tmp_path: Path
) -> None:
    """As Code Llama 34B's: 32,000 embeddings, and a tokenizer that may declare 32,004."""
    named = tmp_path / "named"
    shutil.copytree(ours, named)
    words = json.loads((named / "tokenizer.json").read_text())
    more = [{**words["added_tokens"][0], "id": 310 + i, "content": f"<fill {i}>"} for i in range(4)]
    words["added_tokens"] += more
    (named / "tokenizer.json").write_text(json.dumps(words))
    corpus = pack(data, tmp_path / "corpus", str(named))
    assert corpus.vocabulary > VOCABULARY
    run(tmp_path / "corpus", tmp_path / "run", tokenizer=str(named))


def test_a_token_that_the_model_has_not_is_a_sentence(data: DataFolder, ours: Path, tmp_path: Path) -> None:
    pack(data, tmp_path / "corpus", str(ours))
    recipe = tiny(model={"vocab_size": 80}, data={"corpus": str(tmp_path / "corpus"), "mixture": "lean=1"})
    with pytest.raises(InvalidRecipeError, match=r"has the token \d+, and the model has only 0 to 79"):
        open_corpus(recipe.data, recipe.model.vocab_size)
    about = json.loads((tmp_path / "corpus" / "corpus.json").read_text())
    for shard in about["shards"].values():
        shard["largest"] = None  # of an earlier version: counted now
    (tmp_path / "corpus" / "corpus.json").write_text(json.dumps(about))
    with pytest.raises(InvalidRecipeError, match="the model has only 0 to 79"):
        open_corpus(recipe.data, recipe.model.vocab_size)
