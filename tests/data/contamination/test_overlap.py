"""Runs of words that test and training data share: every one is found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from prover.cli.main import cli
from prover.data.contamination.ngrams import Words
from prover.data.contamination.overlap import BLOCK, HeldOutIndex, HeldOutText, overlap, read_items, training_shards
from prover.data.corpora.shards import Document, write_documents
from prover.errors import InvalidCorpusError

SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
anything = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(SPACES), max_size=80)
few_words = st.lists(st.sampled_from(["a", "b", "ab", "≤", "longer-than-8-x", "longer-than-8-y"]), max_size=40)


def runs(text: str, n: int) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


@given(anything)
@example(SPACES)
@example("≤\u2009≥ \u200b \u3001 \x00\x07 x\x1b")
def test_words_are_those_of_split(text: str) -> None:
    content = text.encode()
    words = Words.of(content)
    found = [content[a:b].decode() for a, b in zip(words.starts, words.ends, strict=True)]
    assert found == text.split()


@given(few_words, st.integers(1, 5))
def test_equal_runs_have_equal_hashes(words: list[str], n: int) -> None:
    text = " ".join(words)
    hashes = Words.of(text.encode()).runs(n)
    assert len(hashes) == max(0, len(words) - n + 1)
    for start, value in enumerate(hashes):
        own = Words.of("\n".join(words[start : start + n]).encode()).runs(n)
        assert own.tolist() == [value]


@given(st.lists(few_words, min_size=1, max_size=4), st.lists(few_words, min_size=1, max_size=6), st.integers(1, 6))
@example([["a", "a", "≤", "a"]], [["a", "≤", "a", "a", "≤"]], 3)
def test_found_is_what_shares_a_run(tests: list[list[str]], documents: list[list[str]], n: int) -> None:
    texts = [" ".join(words) for words in tests]
    training = ["  ".join(words) for words in documents]
    result = HeldOutIndex([HeldOutText(str(i), "text", t) for i, t in enumerate(texts)], n).scan(
        map(Document, training)
    )
    expected = {
        i: sum(bool(runs(text, n) & runs(other, n)) for other in training)
        for i, text in enumerate(texts)
        if any(runs(text, n) & runs(other, n) for other in training)
    }
    assert {number: found.documents for number, found in result.found.items()} == expected
    assert result.overlapping_documents == sum(
        any(runs(text, n) & runs(other, n) for text in texts) for other in training
    )
    assert result.documents == len(training)
    assert result.short == sum(len(text.split()) < n for text in texts)
    for number, found in result.found.items():
        for match in found.matches:
            assert runs(match.text, n)
            assert runs(match.text, n) <= runs(texts[number], n)
            assert match.text in training[match.document]


def test_words_that_only_look_alike_are_not_found() -> None:
    # Equal in their first eight bytes and their lengths, so equal in their hashes.
    index = HeldOutIndex([HeldOutText("t", "text", "alphabet-one alphabet-two")], 2)
    assert index.scan([Document("alphabet-two alphabet-one")]).found == {}
    assert list(index.scan([Document("alphabet-one alphabet-two")]).found) == [0]


def test_blocks_shards_and_processes_do_not_matter(tmp_path: Path) -> None:
    item = HeldOutText("p1", "problem", " ".join(f"w{i}" for i in range(40)))
    filler = " ".join(f"f{i % 977}" for i in range(BLOCK // 10))
    documents = [Document(filler), Document(f"{filler} {item.text} {filler}", {"url": "u"}), Document(filler)] * 3
    for number in range(3):
        write_documents(tmp_path / "web" / "train", f"s{number}", documents)
    index, shards = HeldOutIndex([item], 30), training_shards(tmp_path)
    one, two = overlap(index, shards), overlap(index, shards, workers=2)
    assert list(one.rows()) == list(two.rows())
    (row,) = one.rows()
    assert row["documents"] == 9
    assert one.documents == 27
    assert row["matches"][0]["text"] == item.text
    assert row["matches"][0]["meta"] == {"url": "u"}
    assert [match["document"] for match in row["matches"]] == [1, 4, 7, 1, 4]
    assert one.summary() | {"elapsed_s": 0} == two.summary() | {"elapsed_s": 0}


def test_the_command_reports_each_item_with_its_text(tmp_path: Path) -> None:
    shared = " ".join(f"shared{i}" for i in range(30))
    rows = [
        {"name": "seen", "problem": f"Find {shared}", "solution": "short"},
        {"name": "new", "problem": " ".join(f"new{i}" for i in range(50))},
    ]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_documents(tmp_path / "train", "web", [Document(f"A page. {shared} End.", {"url": "https://example.org"})])
    found = tmp_path / "found.jsonl"
    arguments = ["overlap", str(tmp_path / "test.jsonl"), str(tmp_path / "train"), "--output", str(found)]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "problem: 1 of 2 share 30 words" in result.output
    assert "solution: 0 of 1" in result.output
    assert "1 texts have fewer than 30 words" in result.output
    (row,) = [json.loads(line) for line in found.read_text().splitlines()]
    assert (row["item"], row["field"], row["documents"]) == ("seen", "problem", 1)
    assert row["matches"][0]["text"] == shared
    summary = json.loads(CliRunner().invoke(cli, [*arguments, "--json", "--n", "31"]).stdout)
    assert summary["found"] == 0


def test_test_sets_without_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text('{"name": "x", "level": 3}\n')
    with pytest.raises(InvalidCorpusError, match="rows have: level, name"):
        read_items(tmp_path / "test.jsonl")
    with pytest.raises(InvalidCorpusError, match="no file of documents"):
        training_shards(tmp_path / "nowhere")
