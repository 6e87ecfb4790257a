"""Runs of benchmarks/learning.py as Markdown: how many each arm proves within a budget, in pairs, with p."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import Any

SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)
EXPANSIONS = (1, 2, 4, 8, 16, 32, 64)


def mcnemar(won: int, lost: int) -> float:
    """Return the exact two-sided p of so many discordant pairs."""
    n, k = won + lost, min(won, lost)
    return min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def within(arm: dict[str, Any], what: str, most: float) -> bool:
    """Has it been proved within the budget?"""
    return bool(arm["proved"]) and arm[what] <= most


def budget_table(
    rows: Sequence[dict[str, Any]], arms: Sequence[str], what: str, budgets: Sequence[float], unit: str
) -> str:
    """Return what each arm proves within each budget, then pairs: `won : lost` of the second over the first, and p.

    Each arm is set against the first and against the one before it; `arms`: their names in order.
    """
    columns = [f"{most:g} {unit}" for most in budgets]
    solved = {name: [[within(row["arms"][name], what, most) for row in rows] for most in budgets] for name in arms}
    counts = [[name, *(str(sum(each)) for each in solved[name])] for name in arms]
    pairs = []
    for one, two in [*((arms[0], arm) for arm in arms[1:]), *pairwise(arms[1:])]:
        cells = [f"{two} over {one}"]
        for before, after in zip(solved[one], solved[two], strict=True):
            won = sum(b and not a for a, b in zip(before, after, strict=True))
            lost = sum(a and not b for a, b in zip(before, after, strict=True))
            cells.append(f"{won} : {lost}, {mcnemar(won, lost):.2g}")
        pairs.append(cells)
    return f"{_table(['proved within', *columns], counts)}\n\n{_table(['won : lost, p', *columns], pairs)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


def perplexity_table(runs: Sequence[tuple[str, Path]]) -> str:
    """Return the last validation perplexities of training runs, a column for each source."""
    found = {}
    for name, folder in runs:
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        found[name] = [line for line in lines if line["kind"] == "validation"][-1]
    sources = sorted({source for line in found.values() for source in line["perplexity"]})
    return _table(
        ["model", "steps", *sources],
        [
            [
                name,
                str(line["step"]),
                *("" if (p := line["perplexity"].get(s)) is None else f"{p:.3g}" for s in sources),
            ]
            for name, line in found.items()
        ],
    )
