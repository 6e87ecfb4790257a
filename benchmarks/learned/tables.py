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
    """Return what each arm proves within each budget; `won : lost` is the second of a pair against the first.

    Each arm is set against the first and against the one before it; `arms`: their names in order.
    """
    pairs = [*((arms[0], arm) for arm in arms[1:]), *pairwise(arms[1:])]
    head = [unit, *arms, *(f"{two} over {one}, p" for one, two in pairs)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for most in budgets:
        solved = {name: [within(row["arms"][name], what, most) for row in rows] for name in arms}
        cells = [f"{most:g}", *(str(sum(solved[name])) for name in arms)]
        for one, two in pairs:
            won = sum(b and not a for a, b in zip(solved[one], solved[two], strict=True))
            lost = sum(a and not b for a, b in zip(solved[one], solved[two], strict=True))
            cells.append(f"{won} : {lost}, {mcnemar(won, lost):.2g}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def perplexity_table(runs: Sequence[tuple[str, Path]]) -> str:
    """Return the last validation perplexities of training runs, a column for each source."""
    found = {}
    for name, folder in runs:
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        found[name] = [line for line in lines if line["kind"] == "validation"][-1]
    sources = sorted({source for line in found.values() for source in line["perplexity"]})
    table = ["| " + " | ".join(["model", "steps", *sources]) + " |", "|" + "---|" * (2 + len(sources))]
    for name, line in found.items():
        values = (line["perplexity"].get(source) for source in sources)
        cells = [name, str(line["step"]), *("" if value is None else f"{value:.3g}" for value in values)]
        table.append("| " + " | ".join(cells) + " |")
    return "\n".join(table)
