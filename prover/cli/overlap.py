"""`prover overlap`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from prover.cli.bars import Bar
from prover.cli.extras import needs
from prover.cli.options.output import json_option
from prover.cli.options.work import workers_option
from prover.cli.show import out, print_json


@click.command()
@click.argument("test", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("train", type=click.Path(exists=True, path_type=Path))
@click.option("--n", type=click.IntRange(1), default=30, show_default=True, metavar="N", help="Words that a match has.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="Field of the test rows to look for; repeatable.  [default: all texts]",
)
@workers_option("Processes")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the matches as JSON Lines."
)
@json_option("the counts")
@needs("data")
def overlap(
    test: Path, train: Path, n: int, fields: tuple[str, ...], workers: int, output: Path | None, as_json: bool
) -> None:
    """Find test problems in training data.

    A match is a run of N consecutive words that both have. TEST is a file of JSON Lines with text fields (problem,
    solution, statement, ...). TRAIN is a file of documents, or a folder of them (.jsonl.zst, .jsonl.gz, .jsonl), read
    as a stream.

    \b
      prover overlap math_test.jsonl proof-pile-2 --workers 8 --output found.jsonl
    """  # noqa: D301
    from prover.data.contamination.overlap import HeldOutIndex, read_items, training_shards
    from prover.data.contamination.overlap import overlap as find

    index = HeldOutIndex(read_items(test, fields), n)
    shards = training_shards(train)
    with Bar("reading", len(shards), quiet=as_json) as progress:
        result = find(index, shards, workers=workers, progress=progress.advance)
    if output:
        with output.open("w", encoding="utf-8") as file:
            for row in result.rows():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    summary = result.summary()
    if as_json:
        print_json(summary)
        return
    for name, counts in summary["by_field"].items():
        out.print(f"{name}: {counts['found']} of {counts['items']} share {n} words with a training document")
    out.print(
        f"{summary['overlapping_documents']} of {summary['documents']} documents; "
        f"{summary['bytes'] / 1e6:.1f} MB in {summary['elapsed_s']:.1f} s"
    )
    if summary["too_short"]:
        out.print(f"{summary['too_short']} texts have fewer than {n} words and were not looked for; --n looks for less")
    for row in list(result.rows())[:3]:
        text = " ".join(str(row["matches"][0]["text"]).split())
        out.print(f"  {row['item']} ({row['field']}): {text[:100]}...", markup=False)
