"""Speed of `prover overlap`: megabytes of training text per second on one core.

    python -m benchmarks.overlap [--megabytes 30] [--output benchmarks/results]

The training text is synthetic: words with the lengths of English with formulas and Zipf frequencies, in shards like
those of published data, some documents with a planted test problem. Timed is all work of the command in one process:
unpacking, JSON, hashing, lookup, confirmation.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

import click

from prover.bench.conditions import commit, hardware
from prover.data.contamination.overlap import HeldOutIndex, HeldOutText, overlap
from prover.data.corpora.shards import Document, write_documents

LETTERS = "etaoinshrdlucmfwypvbgkqjxz"
ITEMS, ITEM_WORDS, DOCUMENT_WORDS = 5_000, 80, 1_000
REPEATS = 15  # on a shared machine the best says most


def words(chance: random.Random) -> list[str]:
    """Return a vocabulary: 4.8 letters per word on average, a tenth of the words formulas, some not ASCII."""
    plain = ["".join(chance.choices(LETTERS, k=max(1, round(chance.gauss(4.8, 2.2))))) for _ in range(45_000)]
    formulas = [rf"$\\frac{{{chance.choice(LETTERS)}}}{{{chance.randrange(99)}}}≤ε$" for _ in range(5_000)]
    mixed = plain + formulas
    chance.shuffle(mixed)
    return mixed


@click.command()
@click.option("--megabytes", default=30, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=Path("benchmarks/results"))
def main(megabytes: int, output: Path) -> None:
    """Measure and write overlap.json."""
    chance = random.Random(0)
    vocabulary = words(chance)
    shares = list(itertools.accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))

    def text(count: int) -> str:
        return " ".join(chance.choices(vocabulary, cum_weights=shares, k=count))

    items = [HeldOutText(str(i), "problem", text(ITEM_WORDS)) for i in range(ITEMS)]
    before = hardware()

    def documents() -> list[Document]:
        made: list[Document] = []
        size = 0
        while size < megabytes * 1e6:
            content = text(DOCUMENT_WORDS)
            if len(made) % 100 == 0:
                content += " " + items[len(made) // 100 % ITEMS].text
            made.append(Document(content, {"url": f"https://example.org/{len(made)}"}))
            size += len(content.encode())
        return made

    with tempfile.TemporaryDirectory() as folder:
        made = documents()
        expected = len({i // 100 % ITEMS for i in range(0, len(made), 100)})
        shards = write_documents(Path(folder), "shard", made)
        index = HeldOutIndex(items)
        runs = []
        for _ in range(REPEATS):
            cpu = time.process_time()
            result = overlap(index, shards)
            runs.append(round(result.bytes / 1e6 / (time.process_time() - cpu), 1))
            if len(result.found) != expected:
                raise SystemExit(f"found {len(result.found)} of {expected} planted items")
    figures = {
        "what": "prover overlap, one process",
        "n": index.n,
        "test_items": ITEMS,
        "megabytes": round(result.bytes / 1e6, 1),
        "documents": result.documents,
        "items_planted_and_found": expected,
        "mb_per_cpu_s": {"best": max(runs), "median": statistics.median(runs), "runs": runs},
        "hardware": before,
        "commit": commit(),
    }
    output.mkdir(parents=True, exist_ok=True)
    (output / "overlap.json").write_text(json.dumps(figures, indent=1) + "\n")
    click.echo(f"best {max(runs)} MB, median {statistics.median(runs)} MB a second of one core")


if __name__ == "__main__":
    main()
