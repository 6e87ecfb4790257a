"""Fixed tactics: an honest baseline, and the policy of tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

from prover.core.proof_state import ProofState
from prover.policies.generator import Proposal, TacticCandidate, portion


class ScriptedPolicy:
    """Proposes the same tactics at every state, earlier ones with higher probability."""

    reproducible = True

    def __init__(self, tactics: Sequence[str], *, name: str = "scripted") -> None:
        self.identity = name
        total = sum(1 / (k + 1) for k in range(len(tactics)))
        self._candidates = [
            TacticCandidate(tactic, math.log(1 / (k + 1) / total), name) for k, tactic in enumerate(tactics)
        ]

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return the next `n` tactics for every state; `seed` changes nothing."""
        return [portion(self._candidates, n, tried) for _ in states]


def scripted_policy(tactics: str) -> ScriptedPolicy:
    """Return the policy of tactics that are separated by `;;`."""
    return ScriptedPolicy([tactic.strip() for tactic in tactics.split(";;")], name=f"scripted:{tactics}")
