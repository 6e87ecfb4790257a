"""Short runs of the small recipe, whose held-out perplexity chooses a mixture (`prover data search-mixture`)."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prover.data.corpora.corpus import PackedCorpus
from prover.data.corpora.mixture import Mixture
from prover.errors import InvalidCorpusError
from prover.train.recipe import Recipe, read_recipe
from prover.train.run import train
from prover.train.stream import MixedCorpus


class _Silent:
    def stepped(self, step: int, figures: Mapping[str, Any]) -> None:
        """Say nothing."""

    def happened(self, step: int, event: str, text: str) -> None:
        """Say nothing."""


def short_run(corpus: Path, *, held_out: str, tokens: int, seed: int) -> Callable[[Mixture], float]:
    """Return a function that trains the small recipe on a mixture and returns its perplexity on `held_out`.

    `held_out`: SOURCE/SPLIT of the packed corpus; `tokens`: training tokens. Every call starts from the same weights.

    Raises:
        InvalidCorpusError: there is no such source.
    """
    stored = PackedCorpus.read(corpus)
    source, _, split = held_out.partition("/")
    scored = [found for found in stored.sources(corpus, split or "validation") if found.name == source]
    if not scored:
        raise InvalidCorpusError(f"{corpus} has no {held_out} to score with")
    training = stored.sources(corpus)

    def perplexity(mixture: Mixture) -> float:
        recipe = _recipe(stored.vocabulary, str(mixture), tokens, seed)
        chosen = [found for found in training if found.name in mixture.weights]
        with tempfile.TemporaryDirectory() as folder:
            done = train(
                recipe, MixedCorpus(recipe.data, chosen, scored), Path(folder) / "run", resume=False, watcher=_Silent()
            )
        return math.exp(min(done.held_out[source], 700.0))

    return perplexity


def _recipe(vocabulary: int, mixture: str, tokens: int, seed: int) -> Recipe:
    small = read_recipe("small")
    steps = max(1, tokens // small.tokens_per_step)
    changes = {
        "steps": steps,
        "seed": seed,
        "validate_every": steps,
        "model.vocab_size": vocabulary,
        "data.mixture": f'"{mixture}"',
        "data.seed": seed,
        "optimizer.warmup_steps": min(small.optimizer.warmup_steps, steps // 10),
        "optimizer.decay_steps": steps,
        "checkpoints.every_steps": steps + 1,
    }
    return read_recipe("small", [f"{name}={value}" for name, value in changes.items()])
