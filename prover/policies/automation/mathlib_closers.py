"""Mathlib's automation, for theorems of projects that have it: which tactics, is said by mathlib_steps.py."""

from __future__ import annotations

import math
from collections.abc import Sequence

from prover.core.proof_state import ProofState
from prover.policies.automation.mathlib_steps import mathlib_steps
from prover.policies.generator import Proposal, TacticCandidate, portion


class MathlibClosersPolicy:
    """Mathlib's tactics by the shape of the first goal; deterministic, `seed` changes nothing."""

    reproducible = True

    identity = "mathlib-closers@2"

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state."""
        return [portion(_candidates(state), n, tried) for state in states]


def _candidates(state: ProofState) -> list[TacticCandidate]:
    steps = mathlib_steps(state.goals[0].text if state.goals else "")
    return [TacticCandidate(step.tactic, math.log(step.weight), "mathlib", step.effort) for step in steps]
