"""Orders without searching: attempts at mined states, replayed in another order that other theorems have taught.

Theorems are cut into folds; at the states of one, the order is learned from all others. States of which
the closers' log-probabilities were not kept only teach.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prover.bench.compare import mcnemar
from prover.policies.learned.ranked_closers import AHEAD
from prover.policies.learned.tactic_order import OVERHEAD_S

if TYPE_CHECKING:
    from prover.train.outcomes import Attempt

CLOSERS, LEARNED, BEHIND = "closers", "learned", f"learned, behind the first {AHEAD}"


def replays(
    folders: Sequence[Path], *, folds: int, fewest: int, seed: int, taught: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Return, for each state that some attempt closes, the seconds until one does in each order.

    `taught`: the same with what only so many theorems have taught.
    """
    from prover.train.outcomes import ranked_families, read_states
    from prover.train.tactic_order import learned_order

    states = read_states(folders)
    families = ranked_families(states, fewest)
    states = [state for state in states if any(attempt.family in families for attempt in state.attempts)]
    replayed = [state for state in states if all(attempt.prior is not None for attempt in state.attempts)]
    theorems = sorted({state.theorem for state in replayed})
    random.Random(seed).shuffle(theorems)
    rows: list[dict[str, Any]] = []
    for fold in range(folds):
        held_out = set(theorems[fold::folds])
        others = [theorem for theorem in theorems if theorem not in held_out]
        teachers = {
            **{f"{LEARNED} from {few}": set(others[:few]) for few in taught if few < len(others)},
            LEARNED: {state.theorem for state in states} - held_out,
        }
        orders = {
            name: learned_order([[state for state in states if state.theorem in known]], families)
            for name, known in teachers.items()
        }
        for state in (state for state in replayed if state.theorem in held_out):
            attempts = [attempt for attempt in state.attempts if attempt.family in families]
            closed = [attempt.family for attempt in attempts if attempt.closed]
            if not closed:
                continue
            by_hand = sorted(range(len(attempts)), key=lambda number: -(attempts[number].prior or 0.0))
            taken = {CLOSERS: seconds_to_close(attempts, by_hand)}
            for name, order in orders.items():
                learned = order.order([attempt.family for attempt in attempts], [attempt.place for attempt in attempts])
                taken[name] = seconds_to_close(attempts, learned)
            first = by_hand[:AHEAD]
            taken[BEHIND] = seconds_to_close(attempts, [*first, *(at for at in learned if at not in first)])
            hard = not any(family.startswith("automation: ") for family in closed)
            rows.append({"theorem": state.theorem, "hard": hard, "seconds": taken})
    return rows


def seconds_to_close(attempts: Sequence[Attempt], order: Sequence[int]) -> float:
    """Return Lean's seconds until one closes; infinite if none does."""
    taken_s = 0.0
    for number in order:
        taken_s += attempts[number].seconds + OVERHEAD_S
        if attempts[number].closed:
            return taken_s
    return math.inf


def replay_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the replays as Markdown, with the exact two-sided sign test against the closers' own order."""
    lines = [
        "| states | order | geometric mean of the seconds to close | within 0.1, 0.3, 1 s | sooner : later, p |",
        "|---|---|---|---|---|",
    ]
    hard = [row for row in rows if row["hard"]]
    for what, chosen in (("all", rows), ("not closed by Lean's own tactics", hard)):
        for name in rows[0]["seconds"] if rows else ():
            seconds = [row["seconds"][name] for row in chosen]
            mean = math.exp(sum(map(math.log, seconds)) / max(1, len(seconds)))
            counts = ", ".join(str(sum(s <= most for s in seconds)) for most in (0.1, 0.3, 1.0))
            sooner = sum(row["seconds"][name] < row["seconds"][CLOSERS] - 1e-9 for row in chosen)
            later = sum(row["seconds"][name] > row["seconds"][CLOSERS] + 1e-9 for row in chosen)
            test = "" if name == CLOSERS else f"{sooner} : {later}, {mcnemar(sooner, later):.2g}"
            lines.append(f"| {what}: {len(chosen)} | {name} | {mean:.3f} | {counts} | {test} |")
    return "\n".join(lines)
