"""The rows of a data set: of a local folder, or of the Hugging Face hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prover.bench.mathematics.benchmarks import Benchmark
from prover.errors import InvalidProblemSetError


def problem_rows(benchmark: Benchmark, data: Path | None, split: str) -> list[dict[str, Any]]:
    """Return the rows of a split: of `data/NAME/SPLIT.jsonl`, without `data` of the hub.

    Raises:
        InvalidProblemSetError: there are none.
    """
    if data is not None:
        rows = _local(data / benchmark.name / f"{split}.jsonl")
        if not rows:
            raise InvalidProblemSetError(f"{data} has no {benchmark.name}/{split}.jsonl with problems")
        return rows
    import datasets

    name, parts = benchmark.hub
    there = benchmark.split if split == "test" else split
    try:
        return [dict(row) for part in parts for row in datasets.load_dataset(name, part, split=there)]
    except (OSError, ValueError) as error:
        raise InvalidProblemSetError(
            f"cannot load {name} from the hub ({type(error).__name__}); "
            f"give a folder with {benchmark.name}/{split}.jsonl: --data DIR"
        ) from error


def _local(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        return [dict(json.loads(line)) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (ValueError, TypeError) as error:
        raise InvalidProblemSetError(f"{path} is not JSON Lines: {error}") from error
