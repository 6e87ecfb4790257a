"""In place of a trainer: a perplexity that is a formula."""

from __future__ import annotations

from pathlib import Path

from prover.data.corpora.mixture import Mixture
from prover.data.corpora.mixture_search import TrainAndScore


def prefers_two(corpus: Path, *, held_out: str, tokens: int, seed: int) -> TrainAndScore:
    """Scores mixtures by their share of the source `two`."""
    assert (corpus / "corpus.json").exists()

    def score(mixture: Mixture) -> float:
        return 10 - mixture.weights["two"]

    return score
