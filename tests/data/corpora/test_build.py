"""Sources made of documents: nothing held out, no duplicates, everything in the manifest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from prover.cli import extras
from prover.cli.main import cli
from prover.core.distribution import install_line
from prover.core.held_out import is_held_out
from prover.data.corpora.build import build_source, text_documents
from prover.data.corpora.check import check_documents
from prover.data.corpora.duplicates import Duplicate, Duplicates
from prover.data.corpora.folder import DataFolder
from prover.data.corpora.manifest import Manifest, SourceRecord
from prover.data.corpora.shards import Document, write_documents
from prover.errors import InvalidCorpusError, MissingExtraError

RECORD = SourceRecord(origin="made here", licence="Apache-2.0")
FREE = [name for i in range(100) if not is_held_out(name := f"Nat.free_{i}")]
HELD_OUT = next(name for i in range(100) if is_held_out(name := f"Nat.free_{i}"))
LONG = " ".join(f"word{i}" for i in range(200))


def test_near_and_exact_duplicates() -> None:
    duplicates = Duplicates(0.8)
    assert duplicates.find(LONG) is None
    assert duplicates.find(LONG.replace(" ", "\n  ")) is Duplicate.EXACT
    assert duplicates.find(LONG.replace("word77", "other")) is Duplicate.NEAR
    assert duplicates.find(" ".join(reversed(LONG.split()))) is None
    assert duplicates.find("short") is None
    assert duplicates.find("short") is Duplicate.EXACT
    assert duplicates.find("shirt") is None
    exact_only = Duplicates(None)
    assert exact_only.find(LONG) is None
    assert exact_only.find(LONG + " more") is None


def test_held_out_theorems_and_what_cites_them_are_left_out(tmp_path: Path) -> None:
    documents = [
        Document("theorem a", {"theorem": FREE[0]}),
        Document("theorem b", {"theorem": HELD_OUT}),
        Document("step c", {"theorem": FREE[1], "premises": [FREE[2], HELD_OUT]}),
        Document("theorem mathd_algebra_10 : abs (120/100) = 1 := by sorry"),
        Document("theorem a", {"theorem": FREE[3]}),
        Document("prose"),
    ]
    made = build_source(tmp_path, "mined", documents, RECORD)
    kept = [document.text for document in DataFolder.open(tmp_path).documents("mined", "train")]
    assert kept == ["theorem a", "prose"]
    assert (made.removed.held_out, made.removed.exact) == (3, 1)
    assert made.theorems == (FREE[0],)
    assert Manifest.read(tmp_path).sources["mined"] == made
    assert check_documents(DataFolder.open(tmp_path)) == []


def test_nothing_left_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidCorpusError, match="no documents are left"):
        build_source(tmp_path, "mined", [Document("x", {"theorem": HELD_OUT})], RECORD)
    assert not (tmp_path / "manifest.json").exists()


def test_documents_of_a_theorem_stay_in_one_split(tmp_path: Path) -> None:
    documents = [Document(f"{name} step {i}", {"theorem": name}) for name in FREE for i in range(3)]
    build_source(tmp_path, "mined", documents, RECORD, near=None, validation=0.3)
    data = DataFolder.open(tmp_path)
    train, held_out = ({d.meta["theorem"] for d in data.documents("mined", split)} for split in ("train", "validation"))
    assert not train & held_out
    assert train | held_out == set(FREE)
    assert 0.1 < len(held_out) / len(FREE) < 0.5


def test_held_out_data_and_unknown_licences_are_found_by_the_check(tmp_path: Path) -> None:
    write_documents(tmp_path / "arxiv" / "train", "arXiv", [Document("published, so its licence is known")])
    write_documents(tmp_path / "own" / "train", "own", [Document("x", {"theorem": HELD_OUT})])
    write_documents(tmp_path / "bad" / "train", "bad", [Document("fine")])
    with (tmp_path / "bad" / "train" / "second.jsonl").open("w") as file:
        file.write('{"txt": 1}\n')
    Manifest(sources={"bad": RECORD.model_copy(update={"theorems": (HELD_OUT,)})}).write(tmp_path)
    found = "\n".join(check_documents(DataFolder.open(tmp_path)))
    assert f"{HELD_OUT} is held out for evaluation" in found
    assert "own: neither licence nor origin" in found
    assert "second.jsonl, line 1" in found
    assert "bad: 1 theorems are held out" in found
    assert "arxiv" not in found
    assert CliRunner().invoke(cli, ["data", "check", str(tmp_path)]).exit_code == 2


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"sources": {"a": {"origin": ""}}}')
    with pytest.raises(InvalidCorpusError, match="no manifest of data"):
        Manifest.read(tmp_path)


def test_text_files_become_documents(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text("print('ℕ')\n")
    (tmp_path / "b.md").write_text("words")
    (tmp_path / "c.bin").write_bytes(b"\xff")
    (tmp_path / "d.txt").write_bytes(b"\xff\xfe not UTF-8")
    found = list(text_documents([tmp_path]))
    assert [(document.text, document.meta["file"]) for document in found] == [
        ("words", "b.md"),
        ("print('ℕ')\n", "inner/a.py"),
    ]


def test_the_commands_from_texts_to_a_mixture(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for i in range(4):
            (tmp_path / name / f"{i}.txt").write_text(f"{name} text number {i} " * (i + 2))
    run = CliRunner()

    def prover(*arguments: str) -> str:
        result = run.invoke(cli, ["data", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    data, corpus = str(tmp_path / "data"), str(tmp_path / "corpus")
    for name in ("one", "two"):
        prover("build", data, name, str(tmp_path / name), "--origin", "here", "--licence", "CC0-1.0", "--exact-only")
    assert "one/train: 4 documents" in prover("count", data, "--tokenizer", "bytes")
    assert "no faults" in prover("check", data)
    assert "tokens, in " in prover("tokenizer", data, str(tmp_path / "tokenizer"), "--vocabulary", "300")
    assert "one/train: 4 documents" in prover("count", data, "--tokenizer", str(tmp_path / "tokenizer"))
    prover("pack", data, corpus, "--tokenizer", "bytes")
    assert "no faults" in prover("check", corpus)
    assert '"tokens"' in prover("count", corpus, "--json")
    assert "two: 75.0%, 750 tokens" in prover("mixture", corpus, "--mixture", "one=1,two=3", "--tokens", "1000")
    chosen = prover(
        *("search-mixture", corpus, "--sources", "one:two", "--held-out", "two/train"),
        *("--trainer", "tests.data.corpora.short_runs:prefers_two", "--output", str(tmp_path / "found.jsonl")),
    )
    assert "best: one=0.2,two=0.8" in chosen


def test_a_missing_extra_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.EXTRAS, "data", extras.Extra("data", ("numpy", "no_such_module")))
    with pytest.raises(MissingExtraError, match="no_such_module missing.*" + re.escape(install_line("data"))):
        CliRunner().invoke(cli, ["data", "check", str(tmp_path)], catch_exceptions=False)
    assert CliRunner().invoke(cli, ["data", "--help"]).exit_code == 0
