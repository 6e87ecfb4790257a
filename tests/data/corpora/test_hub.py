"""Data sets of the hub, with its own libraries against a server here; they need the extra `train`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from prover.data.corpora.folder import DataFolder
from prover.data.corpora.hub import general_documents
from prover.data.corpora.manifest import Manifest
from prover.data.corpora.shards import Document, write_documents
from tests.data.corpora.hub import serving

needs_hub = pytest.mark.skipif(find_spec("huggingface_hub") is None, reason="needs the extra train")
needs_datasets = pytest.mark.skipif(find_spec("datasets") is None, reason="needs the extra train")


def prover(*arguments: str, home: Path, endpoint: str = "http://127.0.0.1:9") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    return subprocess.run(
        [sys.executable, "-m", "prover", "data", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@needs_hub
def test_a_data_set_in_the_published_layout_is_fetched_in_part(tmp_path: Path) -> None:
    for source in ("arxiv", "algebraic-stack"):
        for split in ("train", "validation"):
            write_documents(tmp_path / "hub" / source / split, "shard", [Document(f"{source} {split}")])
    (tmp_path / "hub" / "README.md").write_text("card")
    target = tmp_path / "data"
    with serving(tmp_path / "hub") as (endpoint, asked):
        options = ["--source", "algebraic-stack", "--split", "validation"]
        result = prover("fetch", "own/pile", str(target), *options, home=tmp_path / "home", endpoint=endpoint)
    assert result.returncode == 0, result.stderr
    data = DataFolder.open(target)
    assert {source: set(splits) for source, splits in data.sources.items()} == {"algebraic-stack": {"validation"}}
    assert [d.text for d in data.documents("algebraic-stack", "validation")] == ["algebraic-stack validation"]
    assert not [path for path in asked if "arxiv" in path]


@needs_hub
def test_a_tokenizer_of_the_hub_packs(tmp_path: Path) -> None:
    write_documents(tmp_path / "data" / "own" / "train", "own", [Document("a b a")])
    (tmp_path / "hub").mkdir()
    bare = Tokenizer(models.WordLevel({"</s>": 0, "a": 1, "b": 2, " ": 3}, unk_token=" "))
    bare.add_special_tokens(["</s>"])
    bare.save(str(tmp_path / "hub" / "tokenizer.json"))
    folders = str(tmp_path / "data"), str(tmp_path / "corpus")
    with serving(tmp_path / "hub") as (endpoint, _):
        result = prover("pack", *folders, "--tokenizer", "own/model", home=tmp_path / "home", endpoint=endpoint)
    assert result.returncode == 0, result.stderr
    assert "own/train: 1 documents" in result.stdout


@needs_hub
def test_no_network_is_an_error_that_says_so(tmp_path: Path) -> None:
    result = prover("fetch", "own/pile", str(tmp_path / "data"), home=tmp_path / "home")
    assert result.returncode == 2
    assert "cannot fetch own/pile" in result.stderr


@needs_datasets
def test_any_data_set_becomes_a_source(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text("body,url\nfirst text,u1\nsecond text,u2\n")
    arguments = ["fetch", str(tmp_path / "set"), str(tmp_path / "data"), "--as", "web", "--text", "body"]
    result = prover(*arguments, home=tmp_path / "home")
    assert result.returncode == 0, result.stderr
    documents = list(DataFolder.open(tmp_path / "data").documents("web", "train"))
    assert documents == [Document("first text", {"url": "u1"}), Document("second text", {"url": "u2"})]
    wrong = prover(*arguments[:-1], "words", home=tmp_path / "home")
    assert wrong.returncode == 2
    assert "has no text in a column 'words'; it has: body, url" in wrong.stderr


def test_general_data_is_taken_apart_until_there_is_enough() -> None:
    rows = [
        Document("x" * 10, {"meta": {"pile_set_name": name}})
        for name in ("Github", "Wikipedia (en)", "Github", "Github", "ArXiv", "Enron Emails", "Books")
    ]
    found = list(general_documents(iter(rows), {"pile": 15, "github": 11}))
    assert [source for source, _ in found] == ["github", "pile", "github", "pile"]


@needs_datasets
def test_general_data_becomes_two_sources_with_their_records(tmp_path: Path) -> None:
    (tmp_path / "like-the-pile").mkdir()
    rows = [{"text": f"text {i}", "meta": {"pile_set_name": ("Github", "Books")[i % 2]}} for i in range(20)]
    (tmp_path / "like-the-pile" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = ["--dataset", str(tmp_path / "like-the-pile"), "--tokens", "300"]
    result = prover("general", str(tmp_path / "data"), *named, home=tmp_path / "home")
    assert result.returncode == 0, result.stderr
    data = DataFolder.open(tmp_path / "data")
    assert [document.text for document in data.documents("pile", "train")] == ["text 1", "text 3", "text 5", "text 7"]
    assert [document.text for document in data.documents("github", "train")][:2] == ["text 0", "text 2"]
    assert Manifest.read(tmp_path / "data").problems(list(data.sources)) == []
