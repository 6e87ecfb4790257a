"""The closers' candidates in the order that was learned.

The first few stay where they are: Lean's own automation, which proves most of what is easy, and shows its proof in one
word. Behind them only the order changes: the candidates that are ranked share out among themselves the
log-probabilities that they had, so that the search spreads over states as it did. Candidates of families that the order
does not know (steps that only open a proof) keep theirs, and so do all of a goal that begins with binders or
implications: there the first step is to introduce them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.policies.automation.closers import REMEMBERED, ClosersPolicy
from prover.policies.automation.placed_candidates import placed
from prover.policies.generator import Proposal, TacticCandidate, portion
from prover.policies.learned.orders import TacticOrder
from prover.policies.premises.retrieval import Premises, PremiseSource

BINDERS = frozenset({"→", "Not"})
AHEAD = 8
"""So many of the closers' candidates keep their places. With none, hard goals are closed sooner and easy ones later."""


class RankedClosers:
    """The closers in an order that was learned. Deterministic."""

    reproducible = True

    def __init__(
        self,
        order: TacticOrder,
        library: PremiseSource | None = None,
        *,
        ahead: int = AHEAD,
        premises: Premises | None = None,
    ) -> None:
        self._order = order
        self._ahead = ahead
        self._library = library
        self._closers = ClosersPolicy(library, premises=premises)
        self._known: dict[Goal, list[TacticCandidate]] = {}

    @property
    def identity(self) -> str:
        """The closers, their order, and the order of premises."""
        premises = self._library.identity if self._library else "none"
        return f"ranked({self._closers.identity}, {self._ahead} ahead, {self._order.identity}, {premises})"

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[RankedClosers]:
        """Give the policy that cites what this theorem may rest on; see TheoremAware."""
        premises = await self._library.for_theorem(theorem) if self._library else None
        yield RankedClosers(self._order, self._library, ahead=self._ahead, premises=premises)

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for the first goal of each state."""
        proposals = []
        for state in states:
            goal = state.goals[0]
            if goal.target in BINDERS:
                proposals += await self._closers.propose([state], n=n, seed=seed, tried=tried)
            else:
                proposals.append(portion(self._ranked(goal), n, tried))
        return proposals

    def _ranked(self, goal: Goal) -> list[TacticCandidate]:
        if goal not in self._known:  # a search asks again when it has tried the first of them
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            candidates = self._closers.candidates(goal)
            known = list(placed(candidates))
            order = self._order.order([k.family for k in known], [k.place for k in known])
            self._known[goal] = reordered(candidates, [number for number in order if number >= self._ahead])
        return self._known[goal]


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
