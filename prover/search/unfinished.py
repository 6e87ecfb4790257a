"""The most promising of the states that a search reaches: what is shown of it if it finds no proof."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field

from prover.core.proof_state import Advanced
from prover.search.events import SearchEvent, Tried
from prover.search.frontier import Node

MOST = 24

Rank = Callable[[Node], tuple[float, ...]]
"""What sorts nodes, the most promising first."""


@dataclass(slots=True)
class UnfinishedPaths:
    """A listener of a search that keeps the nodes which rank first. Of equal ones, the first reached counts."""

    rank: Rank
    most: int = MOST
    _kept: list[tuple[tuple[float, ...], int, Node]] = field(default_factory=list)
    _reached: int = 0

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        if not isinstance(event, Tried) or event.counterexample is not None:  # what is false is not promising
            return
        if event.new and isinstance(event.outcome, Advanced):
            node = event.node.child(event.candidate, event.outcome.state)
            self._reached += 1
            insort(self._kept, (self.rank(node), self._reached, node), key=lambda entry: entry[:2])
            del self._kept[self.most :]

    @property
    def best(self) -> list[Node]:
        """The nodes that are kept, the most promising first."""
        return [node for _, _, node in self._kept]
