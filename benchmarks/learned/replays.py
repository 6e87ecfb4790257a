"""Orders without searching: attempts at mined states, replayed in another order that other theorems have taught.

Theorems are cut into folds; at the states of one, the orders are those of tables made from all others. States of which
the closers' log-probabilities were not kept only teach. Needs torch.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.learned.tables import mcnemar

CLOSERS, RATES, KINDS = "closers", "rates alone", "kinds"


def replays(folders: Sequence[Path], *, kinds: int, folds: int, fewest: int, seed: int) -> list[dict[str, Any]]:
    """Return, for each state that some attempt closes, the seconds until one does in each order."""
    import torch

    from prover.train.ranking_data import ranked_families, read_states
    from prover.train.ranking_model import Kinds, Tried
    from prover.train.ranking_score import by_prior, seconds_to_close

    torch.set_num_threads(1)
    states = read_states(folders)
    families = ranked_families(states, fewest)
    states = [state for state in states if any(attempt.family in families for attempt in state.attempts)]
    replayed = [state for state in states if all(attempt.prior is not None for attempt in state.attempts)]
    theorems = sorted({state.theorem for state in replayed})
    random.Random(seed).shuffle(theorems)
    rows: list[dict[str, Any]] = []
    for fold in range(folds):
        held_out = set(theorems[fold::folds])
        tried = Tried.of([state for state in states if state.theorem not in held_out], families)
        tables = {}
        for name, count in ((RATES, 1), (KINDS, kinds)):
            table = Kinds(tried, len(families), count, seed)
            table.fit(tried, 100)
            tables[name] = table.table(tried, families, 0)
        for state in (state for state in replayed if state.theorem in held_out):
            attempts = [attempt for attempt in state.attempts if attempt.family in families]
            closed = [attempt.family for attempt in attempts if attempt.closed]
            if not closed:
                continue
            taken = {CLOSERS: seconds_to_close(attempts, by_prior(state, attempts))}
            for name, known in tables.items():
                order = known.order([0.0] * len(known.kinds), [a.family for a in attempts], [a.place for a in attempts])
                taken[name] = seconds_to_close(attempts, order)
            hard = not any(family.startswith("automation: ") for family in closed)
            rows.append({"theorem": state.theorem, "hard": hard, "seconds": taken})
    return rows


def replay_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the replays as Markdown, with the exact two-sided sign test against the closers' own order."""
    lines = [
        "| states | order | geometric mean of the seconds to close | within 0.1, 0.3, 1 s | sooner : later, p |",
        "|---|---|---|---|---|",
    ]
    hard = [row for row in rows if row["hard"]]
    for what, chosen in (("all", rows), ("not closed by Lean's own tactics", hard)):
        for name in (CLOSERS, RATES, KINDS):
            seconds = [row["seconds"][name] for row in chosen]
            mean = math.exp(sum(map(math.log, seconds)) / max(1, len(seconds)))
            counts = ", ".join(str(sum(s <= most for s in seconds)) for most in (0.1, 0.3, 1.0))
            sooner = sum(row["seconds"][name] < row["seconds"][CLOSERS] - 1e-9 for row in chosen)
            later = sum(row["seconds"][name] > row["seconds"][CLOSERS] + 1e-9 for row in chosen)
            test = "" if name == CLOSERS else f"{sooner} : {later}, {mcnemar(sooner, later):.2g}"
            lines.append(f"| {what}: {len(chosen)} | {name} | {mean:.3f} | {counts} | {test} |")
    return "\n".join(lines)
