"""Runs of research/learning.py as Markdown: how many each arm proves within a budget, in pairs, with p."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from prover.bench.compare import mcnemar

SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)
EXPANSIONS = (1, 2, 4, 8, 16, 32, 64)
TOGETHER = (2.0, 4.0, 6.0, 8.0, 10.0)
"""Seconds that two searches share,"""
SHARES = (0.5, 1.0, 2.0, 3.0)
"""and how many of them the second gets."""


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


def share_table(rows: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]], arms: Sequence[str]) -> str:
    """Return what two searches prove that share a budget of Lean seconds, one after the other, on what both runs have.

    The first search is the only arm of `rows`; the second, `arms` of `others`, gets its share at the end. Nothing is
    run for it: each theorem's time to a proof is known from both runs.
    """
    theirs = {row["problem"]: row["arms"] for row in others}
    (first,) = rows[0]["arms"]
    both = [(row["arms"][first], theirs[row["problem"]]) for row in rows if row["problem"] in theirs]
    budgets = [f"{most:g} Lean seconds" for most in TOGETHER]
    lines = [[f"{first} alone", *(str(sum(within(one, "lean_s", most) for one, _ in both)) for most in TOGETHER)]]
    for arm in arms:
        for share in SHARES:
            cells = [
                str(sum(within(one, "lean_s", most - share) or within(two[arm], "lean_s", share) for one, two in both))
                if share < most
                else ""
                for most in TOGETHER
            ]
            lines.append([f"of them {share:g} s for {arm}", *cells])
    return f"{len(both)} theorems that both runs have:\n\n{_table(['proved within', *budgets], lines)}"


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
