"""`prover data fetch`."""

from __future__ import annotations

from pathlib import Path

import click

from prover.cli.data.options import NEW_FOLDER
from prover.cli.extras import needs
from prover.cli.show import console, out


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("folder", type=NEW_FOLDER)
@click.option("--source", "sources", multiple=True, help="Only these sources (of data in Proof-Pile-2's layout).")
@click.option("--split", "splits", multiple=True, help="Only these splits.")
@click.option("--as", "as_source", help="For any other data set: the source that it becomes.")
@click.option("--config", help="Of such a data set.")
@click.option("--text", default="text", show_default=True, help="Column of such a data set.")
@needs("data")
def fetch(
    name: str,
    folder: Path,
    sources: tuple[str, ...],
    splits: tuple[str, ...],
    as_source: str | None,
    config: str | None,
    text: str,
) -> None:
    """Fetch a data set of the Hugging Face hub into FOLDER (needs a network and the extra `train`).

    \b
      prover data fetch EleutherAI/proof-pile-2 proof-pile-2 --source algebraic-stack --split validation
      prover data fetch open-web-math/open-web-math more --as open-web-math
    """  # noqa: D301
    from prover.data.corpora.hub import fetch_dataset, fetch_stream

    with console.status(f"fetching {name}"):
        if as_source:
            for split in splits or ("train",):
                fetch_stream(name, folder, as_source, config=config, split=split, text=text)
        else:
            fetch_dataset(name, folder, sources=sources, splits=splits)
    out.print(f"{name} is in {folder}", markup=False)
