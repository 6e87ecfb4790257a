"""Mined steps as training documents for the small Llama: `prover data build` with pointers for the names of premises.

python -m research.documents FOLDER SOURCE RUN... --origin TEXT --licence SPDX [--validation SHARE]
"""

from __future__ import annotations

from pathlib import Path

import click

from prover.data.corpora.build import build_source
from prover.data.corpora.manifest import SourceRecord
from prover.data.mining.documents import mined_documents
from research.pointers import PointerFormat

RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("source")
@click.argument("runs", nargs=-1, required=True, type=RUN)
@click.option("--origin", required=True)
@click.option("--licence", required=True)
@click.option("--validation", type=click.FloatRange(0, 0.5), default=0.0, show_default=True)
def main(folder: Path, source: str, runs: tuple[Path, ...], origin: str, licence: str, validation: float) -> None:
    """Make SOURCE of FOLDER from runs of `prover mine`."""
    pointers = PointerFormat()
    documents = (document for run in runs for document in mined_documents(run, pointers, answer=pointers.answer))
    command = f"python -m research.documents {folder.name} {source} {' '.join(run.name for run in runs)}"
    record = SourceRecord(origin=origin, licence=licence, made_by=command)
    folder.mkdir(parents=True, exist_ok=True)
    made = build_source(folder, source, documents, record, validation=validation)
    click.echo(f"{made.documents} documents of {len(made.theorems)} theorems")


if __name__ == "__main__":
    main()
