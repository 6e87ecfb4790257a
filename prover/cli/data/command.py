"""`prover data`: documents, tokens, mixtures."""

from __future__ import annotations

import click

from prover.cli.data.build import build
from prover.cli.data.contents import check, count
from prover.cli.data.fetch import fetch, general
from prover.cli.data.mixtures import mixture, search_mixture
from prover.cli.data.tokens import pack, tokenizer


@click.group()
def data() -> None:
    """Prepare training data: documents, packed corpora, mixtures.

    A folder of documents has the layout of Proof-Pile-2: SOURCE/SPLIT/SHARD.jsonl.zst, with rows of
    {"text": ..., "meta": ...}. A corpus is such a folder in tokens, as training reads it.

    \b
      prover data fetch EleutherAI/proof-pile-2 sources --source algebraic-stack
      prover data pack sources corpus --tokenizer tokenizer.json
      prover data mixture corpus --mixture algebraic-stack=1 --tokens 1e9
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped


for command in (fetch, general, build, count, check, tokenizer, pack, mixture, search_mixture):
    data.add_command(command)
