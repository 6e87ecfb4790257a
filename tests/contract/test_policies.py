"""What every policy promises."""

from __future__ import annotations

import pytest

from prover.policy.closers import ClosersPolicy
from prover.policy.generator import TacticGenerator
from prover.policy.scripted import ScriptedPolicy
from prover.proof_state import Goal, Hypothesis, ProofState

STATES = [
    ProofState((Goal("⊢ True", "True"),)),
    ProofState((Goal("n : Nat\nh : n = 0\n⊢ p → q", "→", (Hypothesis("n", "Nat"), Hypothesis("h", "Eq"))),)),
    ProofState((Goal("⊢ ∃ x, x = 0", "Exists"), Goal("⊢ 1 = 1", "Eq"))),
]


@pytest.fixture(params=[ClosersPolicy(), ScriptedPolicy(["rfl", "simp", "omega"])], ids=lambda policy: policy.identity)
def policy(request: pytest.FixtureRequest) -> TacticGenerator:
    generator: TacticGenerator = request.param
    return generator


@pytest.mark.parametrize("n", [1, 2, 32])
async def test_at_most_n_candidates_for_each_state(policy: TacticGenerator, n: int) -> None:
    proposed = await policy.propose(STATES, n=n, seed=0)
    assert len(proposed) == len(STATES)
    assert all(0 < len(proposal.candidates) <= n for proposal in proposed)


async def test_logprobs_are_not_positive_and_tactics_differ(policy: TacticGenerator) -> None:
    for proposal in await policy.propose(STATES, n=100, seed=0):
        candidates = proposal.candidates
        assert all(candidate.logprob <= 0 for candidate in candidates)
        assert len({candidate.tactic for candidate in candidates}) == len(candidates)
        assert all(candidate.source for candidate in candidates)


async def test_same_seed_same_candidates(policy: TacticGenerator) -> None:
    assert await policy.propose(STATES, n=10, seed=3) == await policy.propose(STATES, n=10, seed=3)


async def test_no_states_no_candidates(policy: TacticGenerator) -> None:
    assert await policy.propose([], n=5, seed=0) == []
