"""`prover data`: documents, tokens, mixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prover.cli.exits import BAD_INPUT
from prover.cli.extras import needs_data
from prover.cli.progress import FileProgress
from prover.cli.show import console, out, print_json, show_error

if TYPE_CHECKING:
    from prover.data.corpora.shards import Document

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def data() -> None:
    """Training data: sources of documents, packed corpora, mixtures.

    A source folder has Proof-Pile-2's layout: SOURCE/SPLIT/SHARD.jsonl.zst with {"text": ..., "meta": ...} rows.
    """


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--tokenizer", help="Count tokens too: `bytes`, a tokenizer.json, or a model of the hub.")
@JSON
@needs_data
def count(folder: Path, tokenizer: str | None, as_json: bool) -> None:
    """Count documents, characters and tokens of each source, of documents or of a packed corpus."""
    from prover.data.corpora.corpus import CORPUS, Corpus
    from prover.data.corpora.count import count_documents
    from prover.data.corpora.folder import DataFolder
    from prover.data.corpora.tokenizer import load_tokenizer

    if (folder / CORPUS).exists():
        counts = Corpus.read(folder).counts()
        rows = [{"source": s, "split": p, "documents": d, "tokens": t} for (s, p), (d, t) in counts.items()]
    else:
        rows = []
        sources = DataFolder.open(folder)
        known = load_tokenizer(tokenizer) if tokenizer else None
        shards = [
            (s, p, path) for s, splits in sources.sources.items() for p, paths in splits.items() for path in paths
        ]
        with FileProgress("counting", len(shards), quiet=as_json) as progress:
            rows = count_documents(shards, known, progress.advance)
    if as_json:
        print_json({"sources": rows})
        return
    for row in rows:
        figures = ", ".join(f"{number:,} {what}" for what, number in row.items() if isinstance(number, int))
        out.print(f"{row['source']}/{row['split']}: {figures}", markup=False)


@data.command()
@click.argument("folder", type=FOLDER)
@click.pass_context
@needs_data
def check(ctx: click.Context, folder: Path) -> None:
    """Read all of a folder: rows, tokens, licences, and that nothing is reserved for evaluation. Exit 2 on a fault."""
    from prover.data.corpora.check import check_documents
    from prover.data.corpora.corpus import CORPUS, check_corpus
    from prover.data.corpora.folder import DataFolder
    from prover.data.corpora.manifest import Manifest

    if (folder / CORPUS).exists():
        problems = check_corpus(folder)
        manifest = Manifest.read(folder)
        problems += manifest.problems(list(manifest.sources))
    else:
        sources = DataFolder.open(folder)
        total = sum(len(paths) for splits in sources.sources.values() for paths in splits.values())
        with FileProgress("checking", total, quiet=False) as progress:
            problems = check_documents(sources, progress.advance)
    for problem in problems:
        show_error(problem)
    if problems:
        ctx.exit(BAD_INPUT)
    out.print("no faults")


@data.command()
@click.argument("folder", type=NEW_FOLDER)
@click.argument("source")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(exists=True, path_type=Path))
@click.option("--origin", required=True, help="Where the texts are from.")
@click.option("--licence", required=True, help="Their licence, an SPDX expression if there is one.")
@click.option("--format", "format_name", default="ntp-st", show_default=True, help="Prompt format of mined steps.")
@click.option("--near", type=click.FloatRange(0, 1, min_open=True), default=0.9, show_default=True,
              help="Similarity from which texts are duplicates.")  # fmt: skip
@click.option("--exact-only", is_flag=True, help="Leave near duplicates in.")
@click.option("--validation", type=click.FloatRange(0, 0.5), default=0.0, show_default=True,
              help="Share of a split of its own.")  # fmt: skip
@needs_data
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
    """Make SOURCE of FOLDER from runs of `prover mine`, files of documents, or text files.

    Leaves out what is reserved for evaluation, and duplicates; writes licence, origin and theorems into manifest.json.

    \b
      prover data build corpus mined runs/mined --origin "Lean 4.28 Init" --licence Apache-2.0
      prover data build corpus python /usr/lib/python3.11 --origin "CPython 3.11" --licence PSF-2.0
    """  # noqa: D301
    from prover.data.corpora.build import build_source, text_documents
    from prover.data.corpora.manifest import SourceRecord
    from prover.data.mining.documents import is_mined, mined_documents

    def documents() -> Iterator[Document]:
        for path in inputs:
            yield from mined_documents(path, format_name) if is_mined(path) else text_documents([path])

    command = f"prover data build {folder.name} {source} {' '.join(path.name for path in inputs)}"
    record = SourceRecord(origin=origin, licence=licence, made_by=command)
    folder.mkdir(parents=True, exist_ok=True)
    with console.status(f"building {source}"):
        made = build_source(
            folder, source, documents(), record, near=None if exact_only else near, validation=validation
        )
    removed = made.removed
    out.print(
        f"{made.documents} documents of {len(made.theorems)} theorems; left out: {removed.reserved} reserved, "
        f"{removed.exact} exact and {removed.near} near duplicates"
    )


@data.command()
@click.argument("name", metavar="NAME")
@click.argument("folder", type=NEW_FOLDER)
@click.option("--source", "sources", multiple=True, help="Only these sources (of data in Proof-Pile-2's layout).")
@click.option("--split", "splits", multiple=True, help="Only these splits.")
@click.option("--as", "as_source", help="For any other data set: the source that it becomes.")
@click.option("--config", help="Of such a data set.")
@click.option("--text", default="text", show_default=True, help="Column of such a data set.")
@needs_data
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


@data.command()
@click.argument("folder", type=FOLDER)
@click.argument("tokenizer", type=NEW_FOLDER)
@click.option("--vocabulary", type=click.IntRange(260), default=4096, show_default=True, help="Tokens, at most.")
@needs_data
def tokenizer(folder: Path, tokenizer: Path, vocabulary: int) -> None:
    """Learn a byte-level BPE tokenizer from the training documents of FOLDER: for a model from nothing.

    \b
      prover data tokenizer sources tokenizer && prover data pack sources corpus --tokenizer tokenizer
    """  # noqa: D301
    from prover.data.corpora.folder import DataFolder
    from prover.data.corpora.tokenizer import learn_tokenizer, write_tokenizer

    sources = DataFolder.open(folder)
    training = [name for name, splits in sources.sources.items() if "train" in splits]
    texts = (document.text for name in training for document in sources.documents(name, "train"))
    with console.status("learning a tokenizer"):
        learned = learn_tokenizer(texts, vocabulary)
    write_tokenizer(learned, tokenizer)
    out.print(f"{learned.get_vocab_size():,} tokens, in {tokenizer}", markup=False)


@data.command()
@click.argument("folder", type=FOLDER)
@click.argument("corpus", type=NEW_FOLDER)
@click.option("--tokenizer", required=True, help="`bytes`, a tokenizer.json or its folder, or a model of the hub.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@needs_data
def pack(folder: Path, corpus: Path, tokenizer: str, workers: int) -> None:
    """Tokenise the documents of FOLDER into CORPUS, which training reads. Done shards are not done again."""
    from prover.data.corpora.corpus import pack as pack_folder
    from prover.data.corpora.folder import DataFolder

    sources = DataFolder.open(folder)
    total = sum(len(paths) for splits in sources.sources.values() for paths in splits.values())
    with FileProgress("packing", total, quiet=False) as progress:
        packed = pack_folder(sources, corpus, tokenizer, workers=workers, progress=progress.advance)
    for (source, split), (documents, tokens) in packed.counts().items():
        out.print(f"{source}/{split}: {documents:,} documents, {tokens:,} tokens", markup=False)


@data.command()
@click.argument("corpus", type=FOLDER)
@click.option("--mixture", default="llemma", show_default=True, help="`llemma`, or SOURCE=WEIGHT,SOURCE=WEIGHT.")
@click.option("--tokens", type=float, required=True, help="Tokens to train on, such as 200e9.")
@JSON
@needs_data
def mixture(corpus: Path, mixture: str, tokens: float, as_json: bool) -> None:
    """Show what a mixture makes of a corpus: tokens and epochs of each source."""
    from prover.data.corpora.corpus import Corpus
    from prover.data.corpora.mixture import Mixture

    has = {source: there for (source, split), (_, there) in Corpus.read(corpus).counts().items() if split == "train"}
    whole = Mixture.parse(mixture)
    chosen = whole.of(list(has))
    if missing := [name for name in whole.weights if name not in has]:
        console.print(f"not in the corpus: {', '.join(missing)}; the others' weights are scaled up", markup=False)
    rows = [
        {"source": s, "weight": w, "tokens": round(w * tokens), "epochs": round(w * tokens / has[s], 3)}
        for s, w in chosen.weights.items()
    ]
    if as_json:
        print_json({"mixture": rows})
        return
    for row in rows:
        out.print(
            f"{row['source']}: {row['weight']:.1%}, {row['tokens']:,} tokens, {row['epochs']} epochs", markup=False
        )


@data.command("search-mixture")
@click.argument("corpus", type=FOLDER)
@click.option("--sources", required=True, help="The sources to weigh, such as arxiv:open-web-math:algebraic-stack.")
@click.option("--ratio", "ratios", multiple=True, help="A candidate, such as 2:4:1.  [default: all of 1, 2 and 4]")
@click.option("--fixed", help="Sources with a fixed share of everything, such as pile=0.02,github=0.03.")
@click.option("--held-out", required=True, metavar="SOURCE/SPLIT", help="What perplexity is measured on.")
@click.option("--tokens", type=float, default=1e6, show_default=True, help="Tokens of each short run.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--trainer", help="MODULE:FUNCTION that trains.  [default: the package's own]")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Results; resumed.")
@needs_data
def search_mixture(
    corpus: Path,
    sources: str,
    ratios: tuple[str, ...],
    fixed: str | None,
    held_out: str,
    tokens: float,
    seed: int,
    trainer: str | None,
    output: Path,
) -> None:
    """Choose weights by short training runs: the lowest perplexity on held-out text, as the Llemma paper chose 2:4:1.

    \b
      prover data search-mixture corpus --sources arxiv:open-web-math:algebraic-stack \\
          --ratio 2:4:1 --ratio 1:1:1 --held-out math/validation --output mixtures.jsonl
    """  # noqa: D301
    from prover.data.corpora import mixture_search as searching

    names = sources.split(":")
    mixtures = searching.candidates(names, ratios or searching.grid(len(names)), searching.shares(fixed))
    name = trainer or searching.DEFAULT_TRAINER
    run = searching.load_trainer(name)(corpus, held_out=held_out, tokens=int(tokens), seed=seed)
    about = {"held_out": held_out, "tokens": int(tokens), "seed": seed, "trainer": name}
    scored = searching.search(
        mixtures,
        run,
        output,
        about=about,
        progress=lambda one: console.print(f"{one.perplexity:10.4f}  {one.mixture}", markup=False),
    )
    out.print(f"best: {scored[0].mixture} (perplexity {scored[0].perplexity:.4f} on {held_out})", markup=False)
