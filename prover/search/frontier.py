"""The states waiting to be expanded, best first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from prover.core.proof_state import ProofState
from prover.policies.generator import TacticCandidate


@dataclass(frozen=True, slots=True)
class Node:
    """A state, the best known path to it, and that path's log-probability (nats)."""

    state: ProofState
    tactics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    logprob: float = 0.0
    costs: tuple[float, ...] = ()
    """For each goal of the state, the path's log-probability when it appeared; empty: `logprob` for all."""
    tried: int = 0
    """Number of the state's candidates that have been tried."""
    retries: tuple[TacticCandidate, ...] = ()
    """Those of them that ran out of effort; they get a second try when nothing new is proposed."""

    @property
    def depth(self) -> int:
        """Number of tactics on the path."""
        return len(self.tactics)

    def child(self, candidate: TacticCandidate, state: ProofState) -> Node:
        """Return the node that a tactic leads to.

        What it took to close a goal is no reason to let the next one wait: that costs what it did when it appeared.
        """
        before = self.costs or (self.logprob,) * len(self.state.goals)
        added = len(state.goals) - len(before) + 1
        logprob = self.logprob + candidate.logprob
        costs = (logprob,) * added + before[1:] if added > 0 else before[1 - added :]
        return Node(
            state,
            (*self.tactics, candidate.tactic),
            (*self.sources, candidate.source),
            costs[0] if costs else logprob,
            costs,
        )


LAST = -1e6
"""Added to the priority (nats) of states that wait until nothing else is left."""


@dataclass(slots=True)
class Frontier:
    """A priority queue of nodes. Nodes of equal priority leave in the order they came.

    A state enters once. If it is reached again while it waits, it keeps the better of its two paths. Once it has left,
    no other path brings it back, so cycles end; it may be put back for further candidates.
    """

    length_penalty: float = 0.0
    _heap: list[tuple[float, int, Node]] = field(default_factory=list)
    _waiting: dict[ProofState, float] = field(default_factory=dict)
    _left: set[ProofState] = field(default_factory=set)
    _last: set[ProofState] = field(default_factory=set)
    _count: int = 0

    def knows(self, state: ProofState) -> bool:
        """Is this state waiting, or has it left?"""
        return state in self._waiting or state in self._left

    def last(self, state: ProofState) -> None:
        """Let a state that is about to come wait until nothing else is left, on whatever path it is reached."""
        self._last.add(state)

    def push(self, node: Node) -> bool:
        """Add a node. Returns whether its state is new."""
        if node.state in self._left:
            return False
        priority = self.priority(node)
        known = self._waiting.get(node.state)
        if known is not None and priority <= known:
            return False
        self._waiting[node.state] = priority
        heapq.heappush(self._heap, (-priority, self._count, node))
        self._count += 1
        return known is None

    def put_back(self, node: Node, penalty: float) -> None:
        """Let a node that has left wait again, its priority changed by `penalty` (nats, at most 0)."""
        priority = self.priority(node) + penalty
        self._waiting[node.state] = priority
        heapq.heappush(self._heap, (-priority, self._count, node))
        self._count += 1

    def pop(self) -> Node:
        """Remove and return the best node. Raises IndexError if none is waiting."""
        while True:
            negative, _, node = heapq.heappop(self._heap)
            if self._waiting.get(node.state) == -negative:
                del self._waiting[node.state]
                self._left.add(node.state)
                return node

    def best(self, count: int) -> list[Node]:
        """Return the nodes that would leave next; they stay."""
        found: list[Node] = []
        for negative, _, node in heapq.nsmallest(2 * count, self._heap):  # some may be outdated
            if len(found) < count and self._waiting.get(node.state) == -negative:
                found.append(node)
        return found

    def priority(self, node: Node) -> float:
        """Sum of log-probabilities, divided by length to the power `length_penalty` (0: the plain sum)."""
        rank = float(node.logprob / max(1, node.depth) ** self.length_penalty)
        return rank + LAST if node.state in self._last else rank

    def __len__(self) -> int:
        return len(self._waiting)
