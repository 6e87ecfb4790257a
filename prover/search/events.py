"""What a search reports while it runs: for the progress line, logs, traces and pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prover.core.proof_state import TacticOutcome
from prover.policies.generator import TacticCandidate
from prover.search.frontier import Node


@dataclass(frozen=True, slots=True)
class Expanded:
    """A state left the frontier, and these candidates are about to be tried on it."""

    node: Node
    candidates: tuple[TacticCandidate, ...]
    frontier: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate was tried. `counterexample`: for which values the state that it leads to is false, in words."""

    node: Node
    candidate: TacticCandidate
    outcome: TacticOutcome
    new: bool
    counterexample: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """These tactics close the theorem. Verification comes next."""

    tactics: tuple[str, ...]


SearchEvent = Expanded | Tried | Found
EventListener = Callable[[SearchEvent], None]


def each_of(*listeners: EventListener) -> EventListener:
    """Return a listener that hands every event to all of `listeners`, in this order."""

    def hand_on(event: SearchEvent) -> None:
        for listener in listeners:
            listener(event)

    return hand_on
