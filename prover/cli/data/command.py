"""`prover data`: documents, tokens, mixtures."""

from __future__ import annotations

import click

from prover.cli.data.build import build
from prover.cli.data.contents import check, count
from prover.cli.data.fetch import fetch
from prover.cli.data.mixtures import mixture, search_mixture
from prover.cli.data.tokens import pack, tokenizer


@click.group()
def data() -> None:
    """Training data: sources of documents, packed corpora, mixtures.

    A source folder has Proof-Pile-2's layout: SOURCE/SPLIT/SHARD.jsonl.zst with {"text": ..., "meta": ...} rows.
    """


for command in (fetch, build, count, check, tokenizer, pack, mixture, search_mixture):
    data.add_command(command)
