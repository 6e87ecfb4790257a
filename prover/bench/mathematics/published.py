"""The paper's figures, to stand beside ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

_FILE = resources.files("prover.bench.mathematics") / "published.json"


def published() -> dict[str, Any]:
    """Return the published accuracies in percent, with their sources."""
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def comparison(
    ours: Mapping[str, float], *, name: str, kind: str, samples: Mapping[str, int] | None = None
) -> tuple[list[str], list[list[str]]]:
    """Return heading and rows of a table with the published figures and, last, ours (shares of 1, by benchmark).

    `kind`: greedy, majority or python. Columns are the benchmarks that we have; they say how many samples voted, there
    and here (`samples`).
    """
    known = published()
    columns = [column for column in known["columns"] if column in ours]
    here = samples or {}
    kind_k = {
        column: _votes(known["majority_k"][column], here.get(column, 1)) if kind == "majority" else ""
        for column in columns
    }
    plus = "+Python" if kind == "python" else ""
    heading = ["model", *(f"{known['columns'][column]}{plus}{kind_k[column]}" for column in columns)]
    rows = [[model, *(_percent(figures.get(column)) for column in columns)] for model, figures in known[kind].items()]
    return heading, [*rows, [name, *(_percent(100 * ours[column]) for column in columns)]]


def _votes(published_k: int, samples: int) -> str:
    return f" maj@{published_k}" + ("" if samples == published_k else f", here maj@{samples}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
