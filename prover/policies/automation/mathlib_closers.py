"""Mathlib's automation, for theorems of projects that have it: which tactics, is said by mathlib_steps.py."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.policies.automation.mathlib_goals import NUMBERS, ORDERS, RELATIONS, MathlibGoal
from prover.policies.automation.mathlib_steps import SLOW, MathlibStep, mathlib_steps
from prover.policies.generator import Proposal, TacticCandidate, portion
from prover.policies.premises.retrieval import Premises, PremiseSource

FACTS = 4


class MathlibClosersPolicy:
    """Mathlib's tactics by the shape of the first goal, and library theorems as facts for `nlinarith`.

    Deterministic: `seed` changes nothing.
    """

    reproducible = True

    identity = "mathlib-closers@2"

    def __init__(self, library: PremiseSource | None = None, *, premises: Premises | None = None) -> None:
        self._library = library
        self._premises = premises

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[MathlibClosersPolicy]:
        """Give the policy that cites what this theorem may rest on; see TheoremAware."""
        premises = await self._library.for_theorem(theorem) if self._library else None
        yield MathlibClosersPolicy(self._library, premises=premises)

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state."""
        return [portion(self._candidates(state), n, tried) for state in states]

    def _candidates(self, state: ProofState) -> list[TacticCandidate]:
        steps = mathlib_steps(state.goals[0].text if state.goals else "")
        if state.goals and self._premises:
            steps += self._with_facts(state.goals[0])
        steps.sort(key=lambda step: -step.weight)
        return [TacticCandidate(step.tactic, math.log(step.weight), "mathlib", step.effort) for step in steps]

    def _with_facts(self, goal: Goal) -> Iterator[MathlibStep]:
        shape = MathlibGoal.read(goal.text)
        if shape is None or shape.head not in RELATIONS or self._premises is None:
            return
        facts = self._premises.applied_to(goal, shape.variables(NUMBERS), ORDERS, FACTS)
        if facts:
            yield MathlibStep(f"nlinarith [{', '.join(facts)}]", 0.02, SLOW)
            yield from (MathlibStep(f"nlinarith [{fact}]", 0.01, SLOW) for fact in facts[:2])
