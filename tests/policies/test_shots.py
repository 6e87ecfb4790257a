"""The examples that we show to base models are true: real Lean prints these states and takes these tactics."""

import pytest

from prover.core.proof_state import Advanced, Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.prompts.llemma import SHOTS
from prover.policies.llm.prompts.shots import Shot

pytestmark = pytest.mark.lean


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.step.split()[0])
async def test_real_lean_prints_the_state_and_takes_the_tactic(lean: LeanWasmEnvironment, shot: Shot) -> None:
    *hypotheses, target = shot.state.split("\n")
    binders = " ".join(f"({hypothesis})" for hypothesis in hypotheses)
    theorem = Theorem.from_text(f"universe u\ntheorem shot {binders} : {target.removeprefix('⊢ ')}")
    async with lean.open(theorem) as session:
        assert session.initial.text == shot.state
        (outcome,) = await session.apply(session.initial, [shot.step], timeout_s=10)
        assert isinstance(outcome, Advanced | Closed)
