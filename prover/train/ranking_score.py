"""How good an order is, without searching: the seconds until one of the attempts at a held-out state closes it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from prover.ranking import OVERHEAD_S
from prover.train.ranking_data import Attempt, State

Order = Callable[[State, Sequence[Attempt]], Sequence[int]]
WITHIN_S = (0.1, 0.3, 1.0)


def seconds_to_close(attempts: Sequence[Attempt], order: Sequence[int]) -> float:
    """Return Lean's seconds until one closes; infinite if none does."""
    taken_s = 0.0
    for number in order:
        taken_s += attempts[number].seconds + OVERHEAD_S
        if attempts[number].closed:
            return taken_s
    return math.inf


def score(states: Sequence[State], orders: Mapping[str, Order], ranked: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return for each order what it takes to close the states that an attempt of a ranked family closes.

    `all`, and `hard` without those that Lean's own tactics close: the share closed within so many seconds, and the
    geometric mean of the seconds.
    """
    known = set(ranked)
    taken: defaultdict[str, list[tuple[bool, float]]] = defaultdict(list)
    for state in states:
        attempts = [attempt for attempt in state.attempts if attempt.family in known]
        closed = [attempt.family for attempt in attempts if attempt.closed]
        if not closed:
            continue
        hard = not any(family.startswith("automation: ") for family in closed)
        for name, order in orders.items():
            taken[name].append((hard, seconds_to_close(attempts, order(state, attempts))))
    figures = {}
    for name, rows in taken.items():
        for what, chosen in (("all", [s for _, s in rows]), ("hard", [s for hard, s in rows if hard])):
            if chosen:
                within = {f"within {most:g} s": sum(s <= most for s in chosen) / len(chosen) for most in WITHIN_S}
                mean = math.exp(sum(map(math.log, chosen)) / len(chosen))
                figures[f"{name}, {what}"] = {"states": len(chosen), **within, "seconds": mean}
    return {name: {what: round(value, 4) for what, value in row.items()} for name, row in figures.items()}


def by_prior(state: State, attempts: Sequence[Attempt]) -> list[int]:
    """Return the closers' own order, as far as it was kept."""
    return sorted(range(len(attempts)), key=lambda number: -(attempts[number].prior or 0.0))
