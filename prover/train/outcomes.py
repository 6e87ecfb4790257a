"""Mined outcomes, as the learned orders are trained on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.core.held_out import is_held_out

RESULTS = "results.jsonl"
OPENS, CLOSES = 0.1, 0.01


@dataclass(frozen=True, slots=True)
class Attempt:
    """A candidate that was tried: its family, the how-manieth of it, what became of it, Lean's seconds.

    `prior`: the log-probability that the closers give it (nats), if that was kept.
    """

    family: str
    place: int
    closed: bool
    advanced: bool
    seconds: float
    prior: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A goal of a theorem, and what became of candidates."""

    theorem: str
    attempts: tuple[Attempt, ...]


def mined_states(folders: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield theorem and row of each state of the runs. Nothing of a reserved theorem, whatever is in the files."""
    for folder in folders:
        for line in (folder / RESULTS).read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):  # cut off by a kill
                break
            row = json.loads(line)
            if not is_held_out(row["problem"]):
                yield from ((row["problem"], state) for state in row.get("states") or ())


def read_states(folders: Sequence[Path]) -> list[State]:
    """Return the states at which something was tried."""
    states = []
    for theorem, state in mined_states(folders):
        attempts = tuple(
            Attempt(family, place, status == "closed", status == "advanced", seconds, *prior)
            for family, place, _, status, seconds, *prior in state["attempts"]
        )
        if attempts:
            states.append(State(theorem, attempts))
    return states


def ranked_families(states: Sequence[State], fewest: int) -> tuple[str, ...]:
    """Return the families with enough attempts; without those that hardly close a goal but lead on.

    What a step is worth that only opens a proof is not to be seen in what it closes: such families keep the place that
    the closers give them.
    """
    tried = Counter(attempt.family for state in states for attempt in state.attempts)
    closed = Counter(attempt.family for state in states for attempt in state.attempts if attempt.closed)
    advanced = Counter(attempt.family for state in states for attempt in state.attempts if attempt.advanced)
    return tuple(
        sorted(
            family
            for family, count in tried.items()
            if count >= fewest and not (closed[family] < CLOSES * count and advanced[family] > OPENS * count)
        )
    )
