"""Mined outcomes, as training data of the learned orders."""

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
    """A candidate that was tried: its family, its place in the family from 0, the outcome, Lean's seconds.

    `prior`: the log-probability (nats) that the closers give it, if it was recorded.
    """

    family: str
    place: int
    closed: bool
    advanced: bool
    seconds: float
    prior: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A goal of a theorem, its kind (prover/policies/goal_kinds.py) if recorded, and the candidates tried there."""

    theorem: str
    attempts: tuple[Attempt, ...]
    kind: str | None = None


def mined_states(folders: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield theorem and row of each state of the runs. Held-out theorems are skipped, whatever is in the files."""
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
            states.append(State(theorem, attempts, state.get("kind")))
    return states


def ranked_families(states: Sequence[State], fewest: int) -> tuple[str, ...]:
    """Return the families with enough attempts, without those that rarely close a goal but often advance.

    The worth of a step that only opens a proof does not show in what it closes: such families keep the places that the
    closers give them.
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
