"""Choosing a mixture with the package's own trainer: short runs, scored by held-out perplexity."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.train
pytest.importorskip("torch")

from prover.cli.main import cli  # noqa: E402
from prover.data.corpora.mixture import Mixture  # noqa: E402
from prover.errors import InvalidCorpusError  # noqa: E402
from prover.train.short_run import short_run  # noqa: E402

TOKENS = 3 * 32 * 512  # three steps of the small recipe


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources of bytes, `words` and `digits`; what is held out are words."""
    folder = tmp_path_factory.mktemp("sources")
    chance = random.Random(0)
    for place, letters in (("words/train", "abcd "), ("words/validation", "abcd "), ("digits/train", "0123456789")):
        shards = folder / "data" / place
        shards.mkdir(parents=True)
        rows = [{"text": "".join(chance.choices(letters, k=400))} for _ in range(150)]
        (shards / "part.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    packing = ["data", "pack", str(folder / "data"), str(folder / "corpus"), "--tokenizer", "bytes"]
    assert CliRunner().invoke(cli, packing, catch_exceptions=False).exit_code == 0
    return folder / "corpus"


def test_the_mixture_that_is_closer_to_what_is_held_out_wins_and_is_not_run_again(corpus: Path, tmp_path: Path) -> None:
    results = tmp_path / "found.jsonl"
    command = [
        *("data", "search-mixture", str(corpus), "--sources", "words:digits", "--ratio", "1:8", "--ratio", "8:1"),
        *("--held-out", "words/validation", "--tokens", str(TOKENS), "--output", str(results)),
    ]
    said = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert said.exit_code == 0, said.output
    about, *rows = [json.loads(line) for line in results.read_text().splitlines()]
    assert about["about"]["trainer"] == "prover.train.short_run:short_run"
    scores = {row["mixture"]["words"]: row["perplexity"] for row in rows}
    few, many = sorted(scores)
    assert 4 < scores[many] < scores[few] < 257  # five letters at random; a guess among all bytes
    assert f"best: words={many:.6g}" in said.output
    again = short_run(corpus, held_out="words/validation", tokens=TOKENS, seed=0)
    assert again(Mixture(weights=rows[0]["mixture"])) == rows[0]["perplexity"]
    before = results.read_bytes()
    assert "best: " in CliRunner().invoke(cli, command, catch_exceptions=False).output
    assert results.read_bytes() == before


def test_a_source_that_is_not_there_to_score_with(corpus: Path) -> None:
    with pytest.raises(InvalidCorpusError, match="has no digits/validation to score with"):
        short_run(corpus, held_out="digits/validation", tokens=TOKENS, seed=0)
