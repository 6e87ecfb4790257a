"""Runs of benchmarks/learning.py as Markdown: how many each arm proves within a budget, in pairs, with p."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import Any

BASE, STATIC, MODEL = "closers", "table alone", "model"
COMPARED = ((BASE, STATIC), (BASE, MODEL), (STATIC, MODEL))
SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)
EXPANSIONS = (1, 2, 4, 8, 16, 32, 64)


def mcnemar(won: int, lost: int) -> float:
    """Return the exact two-sided p of so many discordant pairs."""
    n, k = won + lost, min(won, lost)
    return min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def within(arm: dict[str, Any], what: str, most: float) -> bool:
    """Has it been proved within the budget?"""
    return bool(arm["proved"]) and arm[what] <= most


def budget_table(rows: Sequence[dict[str, Any]], what: str, budgets: Sequence[float], unit: str) -> str:
    """Return what each arm proves within each budget; `won : lost` is the second of a pair against the first."""
    arms = [name for name in (BASE, STATIC, MODEL) if rows and name in rows[0]["arms"]]
    pairs = [(one, two) for one, two in COMPARED if one in arms and two in arms]
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


def training_table(folder: Path) -> str:
    """Return what training.json says of held-out states: orders of what was tried there."""
    about = json.loads((folder / "training.json").read_text())
    rows = about["held-out states"]
    columns = list(next(iter(rows.values())))
    head = ["order, states", *("closed " + c if c.startswith("within") else c for c in columns)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join([name, *(f"{row[c]:g}" for c in columns)]) + " |" for name, row in rows.items()]
    likelihood = ", ".join(f"{name} {value:.4f}" for name, value in about["nats an attempt, held out"].items())
    return (
        f"{about['attempts']} attempts at {about['states']} states of {about['theorems']} theorems, of which "
        f"{about['held_out_theorems']} are held out; {about['parameters'] / 1e6:.2f} M parameters, "
        f"seed {about['seed']}, {about['trained_s']} s. Nats an attempt on what is held out: {likelihood}.\n\n"
        + "\n".join(lines)
    )
