"""Searching for a proof of the negation, where no instance decides it: with the closers, from instances or without."""

from __future__ import annotations

import math
from collections.abc import Sequence

from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import ProofState
from prover.environments.environment import ProofSession
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.generator import Proposal, TacticCandidate
from prover.refutation.counterexamples import Instance
from prover.search.best_first import best_first_search

MOST_INSTANCES = 12
TACTIC_EFFORT = 0.25
CANDIDATES = 12  # of the closers at a state, before another state has its turn
_FIRST = 0.5  # how likely the first instance is to help


class NegationPolicy:
    """At first the statement at one instance or another; then, and for the statement as it is, the closers."""

    identity = "negation"
    reproducible = True

    def __init__(self, initial: ProofState, tried: Sequence[Instance]) -> None:
        self._initial = initial
        self._closers = ClosersPolicy()
        self._instances = [
            TacticCandidate(instance.leaving_goals, math.log(_FIRST / (place + 1)), "instances", TACTIC_EFFORT)
            for place, instance in enumerate(tried[:MOST_INSTANCES])
        ]

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state; see TacticGenerator."""
        proposals = []
        for state in states:
            first = self._instances if state == self._initial else []
            if tried < len(first):
                proposals.append(Proposal(tuple(first[tried : tried + n]), math.log(_FIRST)))
            else:
                proposals += await self._closers.propose([state], n=n, seed=seed, tried=tried - len(first))
        return proposals


async def proof_of_negation(
    session: ProofSession, tried: Sequence[Instance], *, effort: float
) -> tuple[tuple[str, ...], Instance | None] | None:
    """Return tactics that prove the session's negation, and the instance that they begin with."""
    budget = SearchBudget(effort=effort, tactic_effort=TACTIC_EFFORT, candidates=CANDIDATES, expansions=1000)
    result = await best_first_search(session, NegationPolicy(session.initial, tried), BudgetMeter(budget))
    if result.tactics is None:
        return None
    first = result.tactics[0]
    return result.tactics, next((i for i in tried if i.leaving_goals == first), None)
