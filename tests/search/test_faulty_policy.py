"""A fault of a policy ends its search as an error that names it; whoever runs many searches goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.errors import GeneratorError
from prover.policies.generator import Proposal
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem


class Faulty(ScriptedPolicy):
    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        raise ValueError("no digits")


async def test_fault_is_told_as_the_policys() -> None:
    theorem = Theorem.from_text("theorem count : 1 to 3")
    with pytest.raises(GeneratorError, match="the policy failed at a state: ValueError: no digits"):
        await prove_theorem(theorem, environment=ToyEnvironment(), generator=Faulty(["x"]))
