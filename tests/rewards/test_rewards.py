"""Verification as a reward."""

from __future__ import annotations

from typing import Any

import pytest

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment
from prover.errors import InvalidTheoremError, SessionCrashedError
from prover.rewards.trl import TrlReward
from prover.rewards.verifier import ProofRewards, proof_text

SUM = "theorem t (a b : Nat) : a + b = b + a"


@pytest.mark.parametrize(
    ("answer", "proof"),
    [
        ("omega", "omega"),
        ("Let us see.\n```lean4\ntheorem t : 1 = 1 := by\n  intro h\n  exact h\n```\nDone.", "intro h\nexact h"),
        ("```lean\nsimp\n```\nor better\n```lean\nomega\n```", "omega"),
        ("theorem t : 1 = 1 := by rfl", "rfl"),
        ("```lean\nomega", "omega"),
        ("```\nsimp\n```", "simp"),
        ("<think>\n```lean\nsimp\n```</think>```\nomega\n```", "omega"),
        ("lemma a : 1 = 1 := by\n  rfl\n\ntheorem t (a b : Nat) : a + b = b + a := by\n  omega\n\nend X", "omega"),
        ("theorem t : 1 = 1 := rfl", "exact rfl"),
        ("sorry", ""),
    ],
)
def test_proof_is_read_out_of_an_answer(answer: str, proof: str) -> None:
    assert proof_text(Theorem.from_text(SUM), answer) == proof


async def test_proofs_are_rewarded_and_cheating_is_not(lean: LeanWasmEnvironment) -> None:
    rewards = ProofRewards(lean, timeout_s=300)
    proofs = [
        "omega",
        f"```lean\n{SUM} := by\n  induction a with\n  | zero => simp\n  | succ n ih => omega\n```",
        "rfl",
        "sorry",
        "",
        "omega\ntheorem t2 : False := by sorry",
        "exact (by native_decide)",
    ]  # fmt: skip
    found = await rewards.score([SUM] * len(proofs), proofs)
    assert [reward.value for reward in found] == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert all(reward.reason for reward in found if not reward.value)


class Counting(ToyEnvironment):
    """Fails as a machine for the theorem `broken`, times out for `slow`."""

    def __init__(self) -> None:
        super().__init__()
        self.checks = 0

    async def check(self, theorem: Any, tactics: Any, *, timeout_s: float) -> Verification:
        self.checks += 1
        if "broken" in theorem.source:
            raise SessionCrashedError("it burns")
        found = await super().check(theorem, tactics, timeout_s=timeout_s)
        return found.model_copy(update={"timed_out": "slow" in theorem.source, "accepted": found.accepted})


async def test_equal_proofs_are_verified_once_and_unknown_is_not_wrong() -> None:
    environment = Counting()
    rewards = ProofRewards(environment)
    theorems = ["theorem a : 2 to 2"] * 3 + ["theorem broken : 2 to 2", "theorem slow : 2 to 3"]
    proofs = ["done", "done", "add 1", "done", "done"]
    assert [r.value for r in await rewards.score(theorems, proofs)] == [1.0, 1.0, 0.0, None, 0.0]
    assert environment.checks == rewards.verified == 4
    await rewards.score(theorems, proofs)
    assert environment.checks == 6  # the machine's fault and the time-out are tried again


async def test_bad_input_is_an_error() -> None:
    rewards = ProofRewards(ToyEnvironment())
    with pytest.raises(ValueError, match="1 theorems and 2 proofs"):
        await rewards.score(["theorem a : 2 to 2"], ["done", "done"])
    with pytest.raises(ExceptionGroup) as caught:
        await rewards.score(["theorem a : nonsense"], ["done"])
    assert caught.group_contains(InvalidTheoremError)


def test_trl_calls_a_plain_function() -> None:
    with TrlReward(lambda: ProofRewards(ToyEnvironment())) as reward:
        columns: dict[str, Any] = {"theorem": ["theorem a : 2 to 2"] * 2, "difficulty": ["easy"] * 2}
        assert reward(["p", "p"], ["done", "add 1"], **columns) == [1.0, 0.0]
        chats = [[{"role": "assistant", "content": "done"}]] * 2
        assert reward([[], []], chats, **columns) == [1.0, 1.0]
        assert reward.__name__ == "proof_verified"
