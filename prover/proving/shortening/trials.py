"""Trying tactics again in a session, within a bounded effort, and only what the search has not tried."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, ProofState, TacticOutcome, TimedOut
from prover.environments.environment import ProofSession
from prover.proving.shortening.proof import DONE, Proof
from prover.search.cancelling import unless_cancelled
from prover.search.events import SearchEvent, Tried

MOST_TRIALS = 500
"""Each takes a moment, even if it takes no effort."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where a tactic leads from a state, None if it fails there, and what it takes."""

    after: ProofState | None
    effort: float

    @classmethod
    def of(cls, outcome: TacticOutcome) -> Known:
        """Return what is kept of an outcome."""
        match outcome:
            case Advanced(state):
                return cls(state, outcome.effort)
            case Closed():
                return cls(DONE, outcome.effort)
            case _:
                return cls(None, outcome.effort)


class KnownOutcomes:
    """A listener of a search that remembers where each tactic led."""

    def __init__(self) -> None:
        self._known: dict[tuple[ProofState, str], Known] = {}

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        if isinstance(event, Tried):
            self.add(event.node.state, event.candidate.tactic, event.outcome)

    def add(self, state: ProofState, tactic: str, outcome: TacticOutcome) -> Known:
        """Remember an outcome."""
        known = self._known[state, tactic] = Known.of(outcome)
        return known

    def get(self, state: ProofState, tactic: str) -> Known | None:
        """Return what is known of a tactic at a state."""
        return self._known.get((state, tactic))


@dataclass(slots=True)
class Trials:
    """Tactics tried in one session, with `effort` units to spend."""

    session: ProofSession
    known: KnownOutcomes
    effort: float
    timeout_s: float
    cancel: asyncio.Event | None = None
    spent: float = 0.0
    count: int = 0
    by_clock: bool = False
    """Did the clock end a trial? Then another machine may find another proof."""

    @property
    def left(self) -> float:
        """Units of effort left, never negative."""
        return max(0.0, self.effort - self.spent) if self.count < MOST_TRIALS else 0.0

    async def prove(self, state: ProofState, tactics: Sequence[str], *, most: float) -> Proof | None:
        """Return the proof of the first goal that these tactics make, without those that come after its end.

        They may take `most` units. None if they do not close the goal, or touch another.

        Raises:
            SearchCancelledError: `cancel` was set.
            ProofEnvironmentError: the proof assistant failed.
        """
        proof, others, end = Proof(state), state.goals[1:], self.spent + most
        for tactic in tactics:
            at = proof.before(len(proof.tactics))
            known = await self.outcome(at, tactic, most=end - self.spent)
            if known is None or known.after is None:
                return None
            proof = proof.then(Proof(at, (tactic,), (known.after,), (known.effort,)))
            if known.after.goals == others:
                return proof
        return None

    async def outcome(self, state: ProofState, tactic: str, *, most: float) -> Known | None:
        """Return where a tactic leads; None if too little is left to try it, or nothing to prove. See `prove`."""
        if not state.goals:
            return None
        return self.known.get(state, tactic) or await self._try(state, tactic, most)

    async def _try(self, state: ProofState, tactic: str, most: float) -> Known | None:
        allowed = min(most, self.left)
        if allowed <= 0:
            return None
        self.count += 1
        applying = self.session.apply(state, [tactic], timeout_s=self.timeout_s, effort=allowed)
        outcomes = await unless_cancelled(self.cancel, applying)
        if not outcomes:
            return None
        self.spent += outcomes[0].effort
        if isinstance(outcomes[0], TimedOut) and outcomes[0].limit is Limit.TIME:
            self.by_clock = True
        return self.known.add(state, tactic, outcomes[0])
