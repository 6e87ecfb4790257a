"""The closers' candidates in a learned order.

The first few keep their places: they are Lean's own automation, which proves most easy goals in one word. Of the rest,
only the order changes: the ranked candidates permute their log-probabilities among themselves, so the search spreads
over states as before. A kind of goals may have an order of its own: what closes theorems of the library, which rest on
others, is not what closes those about definitions that nobody has seen. Candidates of unranked families (steps that
only open a proof) keep their places. So do all candidates of a goal that begins with binders or implications, where the
first step is to introduce them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.policies.automation.closers import REMEMBERED, ClosersPolicy, clear_first
from prover.policies.automation.placed_candidates import placed
from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.goal_kinds import GoalKind, kind_of
from prover.policies.header import Header
from prover.policies.learned.premise_order import in_learned_order
from prover.policies.learned.tactic_order import TacticOrder, orders_of_kinds
from prover.policies.premises.retrieval import Premises, PremiseSource

BINDERS = frozenset({"→", "Not"})
AHEAD, AHEAD_OF_A_KIND = 8, 4
"""Number of candidates that keep their places. With 0, hard goals are closed sooner and easy ones later."""
NO_ORDERS: Mapping[GoalKind, TacticOrder] = {}


class RankedClosers:
    """The closers in a learned order. Deterministic."""

    reproducible = True

    def __init__(
        self,
        order: TacticOrder,
        library: PremiseSource | None = None,
        *,
        of_kinds: Mapping[GoalKind, TacticOrder] = NO_ORDERS,
        ahead: int = AHEAD,
        premises: Premises | None = None,
        header: Header | None = None,
    ) -> None:
        """Prepare. `of_kinds`: instead of `order`, for goals of some kinds."""
        self._order = order
        self._of_kinds = of_kinds
        self._ahead = ahead
        self._library = library
        self._closers = ClosersPolicy(library, premises=premises, header=header)
        self._known: dict[Goal, list[TacticCandidate]] = {}

    @classmethod
    def read(cls, folder: Path, library: PremiseSource) -> Self:
        """Return the closers in the orders of a folder, citing premises in the order that it has, if it has one.

        Raises:
            InvalidPolicyError: there is no order of the closers, or one cannot be read.
        """
        return cls(TacticOrder.read(folder), in_learned_order(library, folder), of_kinds=orders_of_kinds(folder))

    @property
    def identity(self) -> str:
        """The closers, their orders, and the order of the premises."""
        premises = self._library.identity if self._library else "none"
        orders = ", ".join(
            [self._order.identity, *(f"{kind}: {order.identity}" for kind, order in self._of_kinds.items())]
        )
        return f"ranked({self._closers.identity}, {self._ahead} ahead, {orders}, {premises})"

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[RankedClosers]:
        """Give the policy for one theorem, which cites only premises that it may use; see TheoremAware."""
        premises = await self._library.for_theorem(theorem) if self._library else None
        yield RankedClosers(
            self._order,
            self._library,
            of_kinds=self._of_kinds,
            ahead=self._ahead,
            premises=premises,
            header=Header.of(theorem),
        )

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for the first goal of each state."""
        proposals = []
        for state in states:
            goal = state.goals[0]
            if goal.target in BINDERS:
                proposals += await self._closers.propose([state], n=n, seed=seed, tried=tried)
            else:
                proposals.append(clear_first(self._ranked(goal), n, tried))
        return proposals

    def _ranked(self, goal: Goal) -> list[TacticCandidate]:
        if goal not in self._known:  # a search comes back for more candidates of the same goal
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            candidates = self._closers.candidates(goal)
            known = list(placed(candidates))
            own = self._of_kinds.get(kind_of(goal))
            order = (own or self._order).order([k.family for k in known], [k.place for k in known])
            ahead = min(self._ahead, AHEAD_OF_A_KIND) if own else self._ahead
            self._known[goal] = reordered(candidates, [number for number in order if number >= ahead])
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
