"""Verification as a reward."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment
from prover.errors import InvalidTheoremError, SessionCrashedError
from prover.rewards.trl import TrlReward
from prover.rewards.verifier import ProofRewards, proof_text, read_answer
from prover.rewards.whole_answer import helpers, whole_answer

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


EXISTS = "theorem t (a b : Nat) (h : a ≤ b) : ∃ c, b = a + c"
AUX = "theorem aux (x y : Nat) (h : x ≤ y) : y = x + (y - x) := by\n  omega"
LEMMA = AUX.replace("theorem", "lemma")
DIFFERENCE = "def d (a b : Nat) := b - a"
CHEATING = 'macro "simp" : tactic => `(tactic| sorry)'
WITNESS = "⟨b - a, by omega⟩"
ANSWERS = [
    # a step of the proof has a `:= by` of its own
    ("have k : b = a + (b - a) := by omega\nexact ⟨_, k⟩", 1.0, ()),
    (f"obtain ⟨c, hc⟩ : ∃ c, b = a + c := by\n  exact {WITNESS}\nexact ⟨c, hc⟩", 1.0, ()),
    # a comment has one
    (f"```lean\n-- shown := by a witness\n{EXISTS} := by\n  exact {WITNESS}\n```", 1.0, ()),
    (f"/- as follows := by hand -/\n{EXISTS} := by\n  exact {WITNESS}", 1.0, ()),
    # the proof begins with `by`, or with the sign
    (f"by exact {WITNESS}", 1.0, ()),
    (f"by\n  exact {WITNESS}", 1.0, ()),
    (f":= by\n  exact {WITNESS}", 1.0, ()),
    # a term proves the theorem
    (f"```lean\n{EXISTS} :=\n  {WITNESS}\n```", 1.0, ()),
    (f"{EXISTS} := {WITNESS}", 1.0, ()),
    # what stands beside the theorem is verified with it, and named
    (f"```lean\n{AUX}\n\n{EXISTS} := by\n  exact ⟨b - a, aux a b h⟩\n```", 1.0, ("aux",)),
    (f"```lean4\nimport Mathlib\n\n{LEMMA}\n\n{EXISTS} := ⟨_, aux a b h⟩\n```", 1.0, ("aux",)),
    (f"```lean\n{DIFFERENCE}\n\n{EXISTS} := by\n  refine ⟨d a b, ?_⟩\n  unfold d\n  omega\n```", 1.0, ("d",)),
    (f"A sketch:\n```lean\n{EXISTS} := sorry\n```\nand all of it:\n```lean\n{EXISTS} := {WITNESS}\n```", 1.0, ()),
    (f"```lean\nstructure P where\n  x : Nat\n\n{EXISTS} := ⟨(P.mk (b - a)).x, by simp; omega⟩\n```", 1.0, ("P",)),
    # it is stated in other words, or something stands below the proof
    (f"```lean\ntheorem t : ∀ a b : Nat, a ≤ b → ∃ c, b = a + c := fun a b h => {WITNESS}\n```", 1.0, ()),
    ("```lean\ntheorem t (x y : Nat) (k : x ≤ y) : ∃ c, y = x + c := ⟨y - x, by omega⟩\n```", 1.0, ()),
    (f"```lean\n{EXISTS} := by\n  exact ⟨b - a, aux⟩\nwhere\n  aux : b = a + (b - a) := by omega\n```", 1.0, ()),
    # other marks, and a term alone
    (f"~~~lean\n{EXISTS} := by\n  exact {WITNESS}\n~~~", 1.0, ()),
    (f"<think>hm</think>\n<answer>\n{EXISTS} := by\n  exact {WITNESS}\n</answer>", 1.0, ()),
    (f"`exact {WITNESS}`", 1.0, ()),
    (f"```lean\n{WITNESS}\n```", 1.0, ()),
    # none of these proves it
    ("```lean\ntheorem t : ∀ (a b : Nat), False → ∃ c, b = a + c := by\n  intro a b h\n  exact h.elim\n```", 0.0, ()),
    (f"```lean\nvariable (no : False)\ninclude no in\n{EXISTS} := by\n  exact no.elim\n```", 0.0, ()),
    (f"```lean\nstructure P where\n  no : False\n\nvariable [P]\n{EXISTS} := (P.no).elim\n```", 0.0, ()),
    (f"utter garbage )) := by exact {WITNESS}", 0.0, ()),
    (f"It is easy: exact {WITNESS}", 0.0, ()),
    (f"```lean\naxiom cheat : False\n\n{EXISTS} := cheat.elim\n```", 0.0, ()),
    (f"```lean\ntheorem cheat : False := sorry\n\n{EXISTS} := cheat.elim\n```", 0.0, ()),
    (f"```lean\n{CHEATING}\n\n{EXISTS} := ⟨b, by simp⟩\n```", 0.0, ()),
    ("```lean\ntheorem t : True := trivial\n```", 0.0, ()),
    (f"```lean\n{EXISTS.replace('a + c', 'a * c')} := sorry\n```", 0.0, ()),
]  # fmt: skip


async def test_answers_of_every_form_are_read(lean: LeanWasmEnvironment) -> None:
    rewards = ProofRewards(lean, timeout_s=300, concurrency=2)
    found = await rewards.score([EXISTS] * len(ANSWERS), [answer for answer, _, _ in ANSWERS])
    assert [(reward.value, reward.helpers) for reward in found] == [tuple(rest) for _, *rest in ANSWERS]


async def test_recorded_answers(lean: LeanWasmEnvironment, shared_data: Path) -> None:
    """Answers after public reports on other verifiers, which are not part of the repository."""
    lines = (shared_data / "field_cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["area"] == "rewards"]
    assert len(cases) >= 5
    found = await ProofRewards(lean, timeout_s=300).score(
        [case["input"]["theorem"] for case in cases], [case["input"]["proof"] for case in cases]
    )
    assert [reward.value for reward in found] == [float(case["expected"][:3]) for case in cases]


def test_a_whole_answer_stands_below_the_header_that_it_does_not_repeat() -> None:
    theorem = Theorem.from_text("import Std\nopen Nat\n\ntheorem t : succ 0 = 1")
    whole = whole_answer(
        theorem, "```lean\nimport Mathlib\nlemma a : True := trivial\ntheorem t : succ 0 = 1 := rfl\n```"
    )
    assert whole is not None
    assert whole.imports == ("Std",)
    assert whole.source.startswith("import Std\nopen Nat\n")
    assert "theorem a : True" in whole.source
    assert helpers(theorem, whole) == ("a",)
    again = whole_answer(theorem, "open Nat\n\ntheorem t : succ 0 = 1 := rfl")
    assert again is not None
    assert again.source.count("open Nat") == 1
    assert whole_answer(theorem, "rfl") is None
    assert whole_answer(theorem, "```lean\ntheorem u : True := trivial\n```\ntheorem t : succ 0 = 1 := rfl") is None


async def test_where_constants_are_forbidden_only_a_proof_of_our_statement_counts() -> None:
    theorem = Theorem.from_text(SUM, forbid=("Nat.add_comm",))
    answer = f"theorem a : 1 = 1 := rfl\n{SUM} := by omega"
    assert read_answer(theorem, answer).whole is None
    assert read_answer(Theorem.from_text(SUM), answer).whole is not None


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
        silent: list[list[dict[str, Any]]] = [[{"role": "assistant", "content": None}], []]
        assert reward([[], []], silent, **columns) == [0.0, 0.0]
        assert reward.__name__ == "proof_verified"
