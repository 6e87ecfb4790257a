"""What a ranking of candidates is trained on: mined outcomes, texts, tokenizer, manifest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.reserved import is_reserved
from prover.train.data.manifest import Manifest, SourceRecord

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
    """A goal, what was retrieved for it, and what became of candidates."""

    theorem: str
    goal: str
    premises: tuple[str, ...]
    attempts: tuple[Attempt, ...]


def read_states(folders: Sequence[Path]) -> list[State]:
    """Return the states of the runs. Nothing of a reserved theorem, whatever is in the files."""
    states = []
    for folder in folders:
        for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):  # cut off by a kill
                break
            row = json.loads(line)
            if is_reserved(row["problem"]):
                continue
            for state in row.get("states") or ():
                attempts = tuple(
                    Attempt(family, place, status == "closed", status == "advanced", seconds, *prior)
                    for family, place, _, status, seconds, *prior in state["attempts"]
                )
                if attempts:
                    goal = state["state"].split("\n\n")[0]
                    states.append(State(row["problem"], goal, tuple(state["premises"]), attempts))
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


def read_texts(paths: Sequence[Path]) -> dict[str, str]:
    """Return the statements in the files by name; what is reserved, and what says the same as that, is left out."""
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {row["name"]: " ".join(str(row.get("statement") or row["type"]).split()) for row in rows}
    kept_out = {text for name, text in texts.items() if is_reserved(name)}
    return {name: text for name, text in texts.items() if not is_reserved(name) and text not in kept_out}


def manifest_of(states: Sequence[State], statements: Mapping[str, str], texts: Sequence[Path]) -> Manifest:
    """Return what the model was trained on, with licences."""
    lean = {"origin": "theorems of Init, Lean 4.28", "licence": "Apache-2.0"}
    sources = {
        "outcomes": SourceRecord(
            **lean,
            made_by="prover mine outcomes library",
            documents=len(states),
            theorems=tuple(sorted({state.theorem for state in states})),
        )
    }
    if statements:
        made_by = f"statements as Lean prints them: {', '.join(path.name for path in texts)}"
        sources["statements"] = SourceRecord(
            **lean, made_by=made_by, documents=len(statements), theorems=tuple(sorted(statements))
        )
    return Manifest(sources=sources)
