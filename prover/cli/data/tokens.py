"""`prover data tokenizer` and `prover data pack`: from documents to tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from prover.cli.bars import Bar
from prover.cli.data.options import FOLDER, NEW_FOLDER
from prover.cli.extras import needs
from prover.cli.options.work import workers_option
from prover.cli.show import console, out


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("tokenizer", type=NEW_FOLDER)
@click.option(
    "--vocabulary",
    type=click.IntRange(260),
    default=4096,
    show_default=True,
    metavar="N",
    help="Size of the vocabulary, at most.",
)
@needs("data")
def tokenizer(folder: Path, tokenizer: Path, vocabulary: int) -> None:
    """Train a byte-level BPE tokenizer.

    Learns from the training documents in FOLDER and writes to the folder TOKENIZER, for a model trained from scratch.

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


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("corpus", type=NEW_FOLDER)
@click.option(
    "--tokenizer",
    required=True,
    metavar="NAME",
    help="`bytes`, a tokenizer.json or its folder, or a model on the Hugging Face hub.",
)
@click.option(
    "--separator",
    type=click.Choice(["tokenizer", "neox"]),
    default="tokenizer",
    show_default=True,
    help="What stands between documents: the tokens that the tokenizer itself adds, or what GPT-NeoX put there.",
)
@workers_option("Processes")
@needs("data")
def pack(folder: Path, corpus: Path, tokenizer: str, separator: Literal["tokenizer", "neox"], workers: int) -> None:
    """Tokenise documents into a corpus for training.

    Reads the documents in FOLDER and writes to the folder CORPUS. Shards already written are kept.
    """
    from prover.data.corpora.corpus import pack as pack_folder
    from prover.data.corpora.folder import DataFolder

    sources = DataFolder.open(folder)
    total = sum(len(paths) for splits in sources.sources.values() for paths in splits.values())
    with Bar("packing", total, quiet=False) as progress:
        packed = pack_folder(
            sources, corpus, tokenizer, separator=separator, workers=workers, progress=progress.advance
        )
    for (source, split), (documents, tokens) in packed.counts().items():
        out.print(f"{source}/{split}: {documents:,} documents, {tokens:,} tokens", markup=False)
