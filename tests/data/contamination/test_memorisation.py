"""Accuracy on what training data has, and on what it has not."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from prover.data.contamination.memorisation import memorisation, stratified_difference
from prover.errors import InvalidProblemSetError

RESULTS = [
    {"name": str(n), "correct": right, "level": level}
    for n, (right, level) in enumerate(
        [(True, "1"), (True, "1"), (False, "1"), (False, "2"), (True, "2"), (False, "2")]
    )
]
FOUND = [{"item": "0", "field": "problem"}, {"item": "0", "field": "solution"}, {"item": "3", "field": "solution"}]


def test_hits_and_others_are_compared_level_by_level() -> None:
    counts = memorisation(RESULTS, FOUND)
    assert (counts["hits"], counts["problems"]) == (2, 6)
    assert {level: (r["hits"]["correct"], r["others"]["correct"]) for level, r in counts["by_level"].items()} == {
        "1": (1, 1), "2": (0, 1),
    }  # fmt: skip
    assert counts["all"]["others"]["accuracy"] == 0.5
    assert counts["difference_at_equal_level"]["difference"] == 0.0
    assert memorisation(RESULTS, FOUND, fields=["problem"])["hits"] == 1


def test_easier_hits_make_no_difference_at_equal_level() -> None:
    # Of level 1 nine in ten are right, of level 2 one in ten; hits are mostly of level 1.
    found = stratified_difference([(90, 100, 18, 20), (2, 20, 10, 100)])
    assert found is not None
    assert found["difference"] == 0.0
    assert found["interval"][0] < 0 < found["interval"][1]
    assert stratified_difference([(3, 4, 0, 0), (0, 0, 1, 2)]) is None


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(7)
    covered = 0
    for _ in range(300):
        strata = []
        for rate, hits, others in ((0.8, 40, 60), (0.4, 30, 90), (0.2, 20, 120)):
            a = sum(chance.random() < rate + 0.1 for _ in range(hits))
            strata.append((a, hits, sum(chance.random() < rate for _ in range(others)), others))
        found = stratified_difference(strata)
        assert found is not None
        covered += found["interval"][0] <= 0.1 <= found["interval"][1]
    assert abs(covered / 300 - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 300)


def test_other_problems_are_bad_input() -> None:
    with pytest.raises(InvalidProblemSetError, match="same problems"):
        memorisation(RESULTS, [{"item": "99", "field": "problem"}])
    with pytest.raises(InvalidProblemSetError, match="no name"):
        memorisation([{"text": "a"}], [])


def test_command_goes_from_overlap_to_the_table(tmp_path: Path) -> None:
    words = [" ".join(f"w{n}x{i}" for i in range(40)) for n in range(6)]
    tests = [{"problem": text, "solution": "short"} for text in words]
    documents = [{"text": f"before {words[0]} after"}, {"text": f"{words[3]}"}, {"text": "nothing of it"}]
    for name, rows in (("test", tests), ("train", documents), ("results", RESULTS)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def call(*arguments: str) -> Any:
        paths = [str(tmp_path / a) if a.endswith(".jsonl") else a for a in arguments]
        return CliRunner().invoke(cli, paths, standalone_mode=False)

    pytest.importorskip("numpy", reason="extra [data]")
    assert call("overlap", "test.jsonl", "train.jsonl", "--output", "found.jsonl").exception is None
    result = call("memorisation", "results.jsonl", "found.jsonl")
    assert result.exception is None, result.output
    assert "difference at equal level: +0.0 points" in result.output
    assert call("memorisation", "test.jsonl", "found.jsonl").return_value == 2
