"""A running search as a stream of small changes to its trace.

Put together, they give the trace of `prover.search.trace`: a `node` is a `TracedNode` without its lists (new, or with a
better path than before), an `expansion` and an `attempt` belong at the end of the lists of the node they name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, assert_never

from prover.core.record import Frozen
from prover.search.events import Expanded, Found, SearchEvent, Tried
from prover.search.trace import SearchTrace, TracedAttempt, TracedExpansion, TracedNode, TracedStep

EventName = Literal["node", "expansion", "attempt", "found"]


class NodeEvent(TracedNode):
    """A state that is new, or to which a better path was found. `expansions`, `attempts`: left out."""


class ExpansionEvent(TracedExpansion):
    """Candidates are about to be tried at a node."""

    node: int


class AttemptEvent(TracedAttempt):
    """A tactic was tried at a node."""

    node: int


class FoundEvent(Frozen):
    """Tactics that close the theorem; verification comes next."""

    steps: tuple[TracedStep, ...]
    tactics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraceChange:
    """One change of a trace: its kind, and its data as they go into JSON (members without content left out)."""

    event: EventName
    data: dict[str, Any]


class LiveTrace(SearchTrace):
    """A listener that turns events into changes; `take` returns those since the last call."""

    def __init__(self, theorem: str) -> None:
        super().__init__(theorem)
        self._told: dict[int, tuple[int | None, str | None, float]] = {}
        self._changes: list[TraceChange] = []

    def take(self) -> list[TraceChange]:
        """Return what has changed since the last call."""
        changes, self._changes = self._changes, []
        return changes

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        super().__call__(event)
        match event:
            case Expanded():
                number = self._ids[event.node.state]
                self._tell_node(number)
                expansion = self._nodes[number].expansions[-1]
                self._tell("expansion", ExpansionEvent(node=number, **expansion.model_dump()))
            case Tried():
                number = self._ids[event.node.state]
                self._tell_node(number)
                attempt = self._nodes[number].attempts[-1]
                if attempt.child is not None:
                    self._tell_node(attempt.child)
                self._tell("attempt", AttemptEvent(node=number, **attempt.model_dump()))
            case Found(tactics):
                self._tell("found", FoundEvent(steps=self._steps(tactics), tactics=tactics))
            case _:
                assert_never(event)

    def _tell_node(self, number: int) -> None:
        node = self._nodes[number]
        if self._told.get(number) != (path := (node.parent, node.tactic, node.logprob)):
            self._told[number] = path
            fields = {"parent": node.parent, "tactic": node.tactic, "logprob": node.logprob}
            self._tell("node", NodeEvent(id=number, goals=node.goals, depth=self._depth(number), **fields))

    def _depth(self, number: int) -> int:
        depth, at = 0, self._nodes[number].parent
        while at is not None and depth <= len(self._nodes):
            depth, at = depth + 1, self._nodes[at].parent
        return depth

    def _tell(self, event: EventName, data: Frozen) -> None:
        self._changes.append(TraceChange(event, data.model_dump(mode="json", exclude_defaults=True)))
