"""The closers' candidates in a learned order.

The first few keep their places: they are Lean's own automation, which proves most easy goals in one word. Of the rest,
only the order changes: the ranked candidates permute their log-probabilities among themselves, so the search spreads
over states as before. Candidates of unranked families (steps that only open a proof) keep their places. So do all
candidates of a goal that begins with binders or implications, where the first step is to introduce them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.policies.automation.closers import REMEMBERED, STAYING, ClosersPolicy, header_of
from prover.policies.automation.placed_candidates import placed
from prover.policies.generator import Proposal, TacticCandidate, portion
from prover.policies.learned.premise_order import in_learned_order
from prover.policies.learned.tactic_order import TacticOrder
from prover.policies.premises.retrieval import Premises, PremiseSource

BINDERS = frozenset({"→", "Not"})
AHEAD = 8
"""Number of candidates that keep their places. With 0, hard goals are closed sooner and easy ones later."""


class RankedClosers:
    """The closers in a learned order. Deterministic."""

    reproducible = True

    def __init__(
        self,
        order: TacticOrder,
        library: PremiseSource | None = None,
        *,
        ahead: int = AHEAD,
        premises: Premises | None = None,
        header: Sequence[str] = (),
    ) -> None:
        self._order = order
        self._ahead = ahead
        self._library = library
        self._closers = ClosersPolicy(library, premises=premises, header=header)
        self._known: dict[Goal, list[TacticCandidate]] = {}

    @classmethod
    def read(cls, folder: Path, library: PremiseSource) -> Self:
        """Return the closers in the order of a folder, citing premises in the order that it has, if it has one.

        Raises:
            InvalidPolicyError: there is no order of the closers, or one cannot be read.
        """
        return cls(TacticOrder.read(folder), in_learned_order(library, folder))

    @property
    def identity(self) -> str:
        """The closers, their order, and the order of the premises."""
        premises = self._library.identity if self._library else "none"
        return f"ranked({self._closers.identity}, {self._ahead} ahead, {self._order.identity}, {premises})"

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[RankedClosers]:
        """Give the policy for one theorem, which cites only premises that it may use; see TheoremAware."""
        premises = await self._library.for_theorem(theorem) if self._library else None
        yield RankedClosers(self._order, self._library, ahead=self._ahead, premises=premises, header=header_of(theorem))

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for the first goal of each state."""
        proposals = []
        for state in states:
            goal = state.goals[0]
            if goal.target in BINDERS:
                proposals += await self._closers.propose([state], n=n, seed=seed, tried=tried)
            else:
                proposals.append(portion(self._ranked(goal), n, tried, STAYING))
        return proposals

    def _ranked(self, goal: Goal) -> list[TacticCandidate]:
        if goal not in self._known:  # a search comes back for more candidates of the same goal
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            candidates = self._closers.candidates(goal)
            known = list(placed(candidates))
            order = self._order.order([k.family for k in known], [k.place for k in known])
            self._known[goal] = reordered(candidates, [number for number in order if number >= self._ahead])
        return self._known[goal]


def reordered(candidates: Sequence[TacticCandidate], order: Sequence[int]) -> list[TacticCandidate]:
    """Return the candidates with those in `order` permuted among their places; each place keeps its log-probability.

    >>> some = [TacticCandidate("a", -1.0, ""), TacticCandidate("b", -2.0, ""), TacticCandidate("c", -3.0, "")]
    >>> [(c.tactic, c.logprob) for c in reordered(some, [2, 0])]
    [('c', -1.0), ('b', -2.0), ('a', -3.0)]
    """
    found = list(candidates)
    for place, number in zip(sorted(order), order, strict=True):
        found[place] = replace(candidates[number], logprob=candidates[place].logprob)
    return found
