"""Choosing a mixture by short runs."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from prover.data.corpora.mixture import Mixture
from prover.data.corpora.mixture_search import candidates, grid, load_trainer, search, shares
from prover.errors import InvalidCorpusError

ABOUT = {"seed": 0}


def test_candidates_share_what_fixed_sources_leave() -> None:
    (one, two) = candidates(["a", "b", "c"], ["2:4:1", "1:1:1"], {"pile": 0.02, "github": 0.03})
    assert one.weights == pytest.approx(
        {"a": 0.95 * 2 / 7, "b": 0.95 * 4 / 7, "c": 0.95 / 7, "pile": 0.02, "github": 0.03}
    )
    assert two.weights["a"] == pytest.approx(0.95 / 3)
    with pytest.raises(InvalidCorpusError, match="no ratio of 3 sources"):
        candidates(["a", "b", "c"], ["2:4"], {})


def test_the_grid_has_each_ratio_once() -> None:
    assert grid(2) == ["1:1", "1:2", "1:4", "2:1", "4:1"]
    assert "2:4:1" in grid(3)
    assert len(grid(3)) == len(set(grid(3))) == 19


@pytest.mark.parametrize("text", ["a", "a=2", "a=0.5,b=0.6", "a=-0.1", "a=x"])
def test_shares_that_are_none(text: str) -> None:
    with pytest.raises(InvalidCorpusError):
        shares(text)


def test_a_search_that_was_killed_goes_on_and_a_run_that_diverged_is_last(tmp_path: Path) -> None:
    mixtures = candidates(["a", "b"], ["1:1", "1:2", "2:1"], {})
    scores = dict(zip(map(str, mixtures), [5.0, math.nan, 4.0], strict=True))
    runs: list[str] = []

    def train(mixture: Mixture) -> float:
        if len(runs) == 2:
            raise KeyboardInterrupt
        runs.append(str(mixture))
        return scores[str(mixture)]

    results = tmp_path / "found.jsonl"
    with pytest.raises(KeyboardInterrupt):
        search(mixtures, train, results, about=ABOUT)
    with results.open("a") as file:
        file.write('{"mixture": {"a"')  # cut off
    rest: list[str] = []

    def go_on(mixture: Mixture) -> float:
        rest.append(str(mixture))
        return scores[str(mixture)]

    best = search(mixtures, go_on, results, about=ABOUT)
    assert rest == [str(mixtures[2])]
    assert [scored.perplexity for scored in best] == [4.0, 5.0, math.inf]
    assert search(mixtures, train, results, about=ABOUT) == best
    with pytest.raises(InvalidCorpusError, match="another search"):
        search(mixtures, go_on, results, about={"seed": 1})


def test_a_trainer_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidCorpusError, match="there is no function nowhere:run"):
        load_trainer("nowhere:run")
