"""`prover data mixture` and `prover data search-mixture`: how much of each source."""

from __future__ import annotations

from pathlib import Path

import click

from prover.cli.data.options import FOLDER, json_option
from prover.cli.extras import needs
from prover.cli.options.work import seed_option
from prover.cli.show import console, out, print_json


@click.command()
@click.argument("corpus", type=FOLDER)
@click.option(
    "--mixture",
    default="llemma",
    show_default=True,
    metavar="MIXTURE",
    help="`llemma`, or SOURCE=WEIGHT,SOURCE=WEIGHT.",
)
@click.option("--tokens", type=float, required=True, metavar="N", help="Tokens to train on, such as 200e9.")
@json_option
@needs("data")
def mixture(corpus: Path, mixture: str, tokens: float, as_json: bool) -> None:
    """Show tokens and epochs of each source in a mixture."""
    from prover.data.corpora.corpus import PackedCorpus
    from prover.data.corpora.mixture import Mixture

    has = {
        source: there for (source, split), (_, there) in PackedCorpus.read(corpus).counts().items() if split == "train"
    }
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


@click.command("search-mixture")
@click.argument("corpus", type=FOLDER)
@click.option(
    "--sources",
    required=True,
    metavar="SOURCE:SOURCE...",
    help="Sources to weigh, such as arxiv:open-web-math:algebraic-stack.",
)
@click.option(
    "--ratio",
    "ratios",
    multiple=True,
    metavar="N:N...",
    help="Candidate weights, such as 2:4:1; repeatable.  [default: all combinations of 1, 2 and 4]",
)
@click.option("--fixed", metavar="SOURCE=SHARE,...", help="Sources with a fixed share, such as pile=0.02,github=0.03.")
@click.option("--held-out", required=True, metavar="SOURCE/SPLIT", help="Text on which perplexity is measured.")
@click.option("--tokens", type=float, default=1e6, show_default=True, metavar="N", help="Tokens of each training run.")
@seed_option()
@click.option("--trainer", metavar="MODULE:FUNCTION", help="Function that trains.  [default: the package's own]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="File for the results, JSON Lines; an existing one is continued.",
)
@needs("data")
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
    """Choose a mixture by short training runs.

    Trains once with each candidate and takes the one with the lowest perplexity on held-out text, as the Llemma paper
    chose 2:4:1.

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
