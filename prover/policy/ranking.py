"""The closers' candidates in an order that a small model chooses for each goal.

The model says what kind of goal it is, and from that follows in which order the candidates have the best chance a
second (prover/ranking.py). Only the order changes: the candidates that are ranked share out among themselves the
log-probabilities that they had, so that the search spreads over states as it did. Candidates of families that the model
does not know (steps that only open a proof) keep theirs, and so do all of a goal that begins with binders or
implications: there the first step is to introduce them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from prover.policy.closers import ClosersPolicy
from prover.policy.families import placed
from prover.policy.generator import Proposal, TacticCandidate, portion
from prover.policy.premises import Premises, PremiseSource
from prover.proof_state import Goal, ProofState
from prover.ranking import PREMISES
from prover.theorem import Theorem

BINDERS = frozenset({"→", "Not"})
REMEMBERED = 500  # goals


class Ranker(Protocol):
    """Says in which order to try candidates at a goal."""

    @property
    def identity(self) -> str:
        """The model: part of every record."""

    def order(self, goal: str, premises: Sequence[str], families: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the numbers of the candidates that are ranked, those to try first in front."""


class RankedClosers:
    """The closers in the order of a ranker. Deterministic."""

    def __init__(
        self,
        ranker: Ranker,
        library: PremiseSource,
        *,
        premises: Premises | None = None,
    ) -> None:
        self._ranker = ranker
        self._library = library
        self._premises = premises
        self._closers = ClosersPolicy(library, premises=premises)
        self._known: dict[Goal, asyncio.Task[list[TacticCandidate]]] = {}

    @property
    def identity(self) -> str:
        """The closers and the ranker."""
        return f"ranked({self._closers.identity}, {self._ranker.identity})"

    @asynccontextmanager
    async def on(self, theorem: Theorem) -> AsyncIterator[RankedClosers]:
        """Give the policy that cites what this theorem may rest on; see TheoremAware."""
        policy = RankedClosers(self._ranker, self._library, premises=await self._library.for_theorem(theorem))
        try:
            yield policy
        finally:
            await policy.stop()

    def expect(self, states: Sequence[ProofState], *, seed: int) -> None:
        """Rank these while the assistant is busy; see Foresighted."""
        for state in states:
            if state.goals[0].target not in BINDERS:
                self._ranked(state.goals[0])

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for the first goal of each state."""
        return [await self._propose(state, n, seed, tried) for state in states]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        goal = state.goals[0]
        if goal.target in BINDERS:
            return (await self._closers.propose([state], n=n, seed=seed, tried=tried))[0]
        return portion(await asyncio.shield(self._ranked(goal)), n, tried)

    async def stop(self) -> None:
        """End what is under way."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    def _ranked(self, goal: Goal) -> asyncio.Task[list[TacticCandidate]]:
        if goal not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known = {goal: task for goal, task in self._known.items() if not task.done()}
            self._known[goal] = asyncio.create_task(self._rank(goal))
        return self._known[goal]

    async def _rank(self, goal: Goal) -> list[TacticCandidate]:
        candidates = self._closers.candidates(goal)
        premises = self._premises.for_goal(goal, PREMISES) if self._premises else []
        known = list(placed(candidates))
        order = await asyncio.to_thread(
            self._ranker.order, goal.text, premises, [k.family for k in known], [k.place for k in known]
        )
        return reordered(candidates, order)


def reordered(candidates: Sequence[TacticCandidate], order: Sequence[int]) -> list[TacticCandidate]:
    """Return the candidates, those whose numbers are given in that order; they share out their log-probabilities.

    >>> some = [TacticCandidate("a", -1.0, ""), TacticCandidate("b", -2.0, ""), TacticCandidate("c", -3.0, "")]
    >>> [(c.tactic, c.logprob) for c in reordered(some, [2, 0])]
    [('c', -1.0), ('b', -2.0), ('a', -3.0)]
    """
    found = list(candidates)
    for place, number in zip(sorted(order), order, strict=True):
        found[place] = replace(candidates[number], logprob=candidates[place].logprob)
    return found
