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
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="Source to download; repeatable.  [default: all]"
)
@click.option(
    "--split",
    "splits",
    multiple=True,
    metavar="SPLIT",
    help="Split to download; repeatable.  [default: all; with --as train]",
)
@click.option("--as", "as_source", metavar="SOURCE", help="Download a data set of another layout, as this source.")
@click.option("--config", metavar="NAME", help="With --as: configuration of the data set.")
@click.option("--text", default="text", show_default=True, metavar="NAME", help="With --as: column with the text.")
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
    """Download a data set from the Hugging Face hub into FOLDER.

    Needs the extra [train].

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
