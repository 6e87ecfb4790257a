"""`prover data count` and `prover data check`: what a folder holds."""

from __future__ import annotations

from pathlib import Path

import click

from prover.cli.bars import Bar
from prover.cli.data.options import FOLDER, json_option
from prover.cli.exits import BAD_INPUT
from prover.cli.extras import needs
from prover.cli.show import out, print_json, show_error


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--tokenizer",
    metavar="NAME",
    help="Also count tokens: `bytes`, a tokenizer.json, or a model on the Hugging Face hub.",
)
@json_option
@needs("data")
def count(folder: Path, tokenizer: str | None, as_json: bool) -> None:
    """Count documents, characters and tokens by source.

    FOLDER has documents, or is a packed corpus.
    """
    from prover.data.corpora.corpus import CORPUS, PackedCorpus
    from prover.data.corpora.count import count_documents
    from prover.data.corpora.folder import DataFolder
    from prover.data.corpora.tokenizer import load_tokenizer

    if (folder / CORPUS).exists():
        counts = PackedCorpus.read(folder).counts()
        rows = [{"source": s, "split": p, "documents": d, "tokens": t} for (s, p), (d, t) in counts.items()]
    else:
        rows = []
        sources = DataFolder.open(folder)
        known = load_tokenizer(tokenizer) if tokenizer else None
        shards = [
            (s, p, path) for s, splits in sources.sources.items() for p, paths in splits.items() for path in paths
        ]
        with Bar("counting", len(shards), quiet=as_json) as progress:
            rows = count_documents(shards, known, progress.advance)
    if as_json:
        print_json({"sources": rows})
        return
    for row in rows:
        figures = ", ".join(f"{number:,} {what}" for what, number in row.items() if isinstance(number, int))
        out.print(f"{row['source']}/{row['split']}: {figures}", markup=False)


@click.command()
@click.argument("folder", type=FOLDER)
@click.pass_context
@needs("data")
def check(ctx: click.Context, folder: Path) -> None:
    """Check every row of a folder.

    FOLDER has documents, or is a packed corpus. Checks rows, tokens and licences, and that nothing held out for
    evaluation is among them. Exit status: 0 no faults, 2 faults.
    """
    from prover.data.corpora.check import check_documents
    from prover.data.corpora.check_packed import check_corpus
    from prover.data.corpora.corpus import CORPUS
    from prover.data.corpora.folder import DataFolder
    from prover.data.corpora.manifest import Manifest

    if (folder / CORPUS).exists():
        problems = check_corpus(folder)
        manifest = Manifest.read(folder)
        problems += manifest.problems(list(manifest.sources))
    else:
        sources = DataFolder.open(folder)
        total = sum(len(paths) for splits in sources.sources.values() for paths in splits.values())
        with Bar("checking", total, quiet=False) as progress:
            problems = check_documents(sources, progress.advance)
    for problem in problems:
        show_error(problem)
    if problems:
        ctx.exit(BAD_INPUT)
    out.print("no faults")
