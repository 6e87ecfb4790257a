"""Perplexity on held-out sequences, by source."""

from __future__ import annotations

import math
from itertools import islice

from prover.train.batch import blank, micro_batch
from prover.train.distributed import World
from prover.train.network import Network
from prover.train.recipe import Recipe
from prover.train.stream import TrainingCorpus


def validate(network: Network, corpus: TrainingCorpus, recipe: Recipe, world: World) -> dict[str, float]:
    """Return the mean loss of each held-out source in nats per label; its exponential is the perplexity."""
    size, separate = recipe.batch.micro_sequences, recipe.data.separate
    share = math.ceil(recipe.validation_sequences / world.data_ranks)
    found: dict[str, float] = {}
    for source, sequences in corpus.held_out(rank=world.data_rank, world_size=world.data_ranks).items():
        left = islice(sequences, share)
        loss, learned = 0.0, 0
        while True:
            some = list(islice(left, size))
            # Ranks may differ by one sequence, but all must call the model equally often.
            if not world.largest([len(some)])[0]:
                break
            some += [blank(recipe.data.context_length)] * (size - len(some))  # one shape, for compiled layers
            batch = micro_batch(some, separate=separate, device=world.device, vocabulary=recipe.model.vocab_size)
            loss += network.summed_loss(batch)
            learned += sum(batch.learned)
        shares = world.gather((loss, learned))
        total = sum(part for _, part in shares)
        found[source] = sum(part for part, _ in shares) / total if total else math.nan
    return found
