"""`prover data build`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prover.cli.data.options import NEW_FOLDER
from prover.cli.extras import needs
from prover.cli.show import console, out

if TYPE_CHECKING:
    from prover.data.corpora.shards import Document


@click.command()
@click.argument("folder", type=NEW_FOLDER)
@click.argument("source")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(exists=True, path_type=Path))
@click.option("--origin", required=True, metavar="TEXT", help="Where the texts are from.")
@click.option(
    "--licence", required=True, metavar="SPDX", help="Licence of the texts, as an SPDX expression if it has one."
)
@click.option(
    "--format",
    "format_name",
    default="ntp-st",
    show_default=True,
    metavar="FORMAT",
    help="Prompt format for mined steps.",
)
@click.option("--near", type=click.FloatRange(0, 1, min_open=True), default=0.9, show_default=True,
              metavar="SHARE",
              help="Similarity from which two texts are near duplicates.")  # fmt: skip
@click.option("--exact-only", is_flag=True, help="Keep near duplicates.")
@click.option("--validation", type=click.FloatRange(0, 0.5), default=0.0, show_default=True,
              metavar="SHARE",
              help="Share of the documents for a validation split.")  # fmt: skip
@needs("data")
def build(
    folder: Path,
    source: str,
    inputs: tuple[Path, ...],
    origin: str,
    licence: str,
    format_name: str,
    near: float,
    exact_only: bool,
    validation: float,
) -> None:
    """Build a source of documents.

    Makes SOURCE in FOLDER from INPUTs: runs of `prover mine`, files of documents, or text files. Leaves out duplicates
    and what is held out for evaluation. Records licence, origin and theorems in manifest.json.

    \b
      prover data build corpus mined runs/mined --origin "Lean 4.28 Init" --licence Apache-2.0
      prover data build corpus python /usr/lib/python3.11 --origin "CPython 3.11" --licence PSF-2.0
    """  # noqa: D301
    from prover.data.corpora.build import build_source, text_documents
    from prover.data.corpora.manifest import SourceRecord
    from prover.data.mining.documents import is_mined, mined_documents, step_format

    prompt_format = step_format(format_name)

    def documents() -> Iterator[Document]:
        for path in inputs:
            yield from mined_documents(path, prompt_format) if is_mined(path) else text_documents([path])

    command = f"prover data build {folder.name} {source} {' '.join(path.name for path in inputs)}"
    record = SourceRecord(origin=origin, licence=licence, made_by=command)
    folder.mkdir(parents=True, exist_ok=True)
    with console.status(f"building {source}"):
        made = build_source(
            folder, source, documents(), record, near=None if exact_only else near, validation=validation
        )
    removed = made.removed
    out.print(
        f"{made.documents} documents of {len(made.theorems)} theorems; left out: {removed.held_out} held out, "
        f"{removed.exact} exact and {removed.near} near duplicates"
    )
