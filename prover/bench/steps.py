"""The proof found by a search, step by step: each tactic with the state before it."""

from __future__ import annotations

from typing import Any

from prover.core.proof_state import Closed
from prover.search.events import Expanded, Found, SearchEvent, Tried


class FoundSteps:
    """A listener of a search that keeps the steps of the proof found last; of other paths only the states."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self._expanded: dict[tuple[str, ...], tuple[str, float]] = {}
        self._closed = 0.0

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        match event:
            case Expanded(node):
                self._expanded.setdefault(node.tactics, (node.state.text, node.logprob))
            case Tried(node, candidate, Closed()):
                self._closed = node.logprob + candidate.logprob
            case Found(tactics):
                self.steps = self._steps(tactics)

    def _steps(self, tactics: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return tactic, state before it, and log-probability (nats) of each step; every path grew from expansions."""
        before = [self._expanded[tactics[:length]] for length in range(len(tactics))]
        totals = [*(total for _, total in before), self._closed]
        return [
            {"tactic": tactic, "state_before": state, "logprob": round(after - total, 6)}
            for tactic, (state, total), after in zip(tactics, before, totals[1:], strict=True)
        ]
