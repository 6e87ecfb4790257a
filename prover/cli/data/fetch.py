"""`prover data fetch` and `prover data general`."""

from __future__ import annotations

from pathlib import Path

import click

from prover.cli.data.options import NEW_FOLDER
from prover.cli.extras import needs
from prover.cli.show import console, out

_CHARACTERS = 3.5  # of a token of Llama's vocabulary


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


@click.command()
@click.argument("folder", type=NEW_FOLDER)
@click.option(
    "--tokens", type=float, default=200e9, show_default=True, metavar="N", help="Tokens of the whole training run."
)
@click.option("--dataset", default=None, metavar="NAME", help="A data set like the Pile.  [default: one of the hub]")
@needs("data")
def general(folder: Path, tokens: float, dataset: str | None) -> None:
    """Download the general data of the paper's mixture into FOLDER.

    Beside Proof-Pile-2 the authors trained on 2 % of the Pile and 3 % of GitHub code. This brings as much text of both,
    as the sources pile and github, at 3.5 characters a token. Needs the extra [train].

    \b
      prover data general proof-pile-2 --tokens 200e9
    """  # noqa: D301
    from prover.data.corpora.hub import GENERAL_DATASET, fetch_general
    from prover.data.corpora.named_mixtures import GENERAL

    name = dataset or GENERAL_DATASET
    with console.status(f"fetching {name}"):
        needed = {source: int(share * tokens * _CHARACTERS) for source, share in GENERAL.items()}
        found = fetch_general(folder, needed, name=name)
    counts = ", ".join(f"{count:,} documents of {source}" for source, count in found.items())
    out.print(f"{counts} are in {folder}", markup=False)
