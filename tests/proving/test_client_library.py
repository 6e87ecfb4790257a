"""Goals of clients that have Mathlib, asked of the embedded Lean, which has not."""

from __future__ import annotations

import pytest

from prover.assembly.policies import closers
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.proving.client_library import meant_for_mathlib
from prover.proving.suggest import Outcome, Suggester, SuggestionOptions, Suggestions

CORE, WITH_MATHLIB = "lean4@4.28.0-pre+core.wasm32", "lean4@v4.28.0+mathlib@abc"
REAL = "x y : ℝ\n⊢ 2 * x * y ≤ x ^ 2 + y ^ 2"


async def asked(
    lean: LeanWasmEnvironment, state: str, header: str = "import Mathlib\n", **options: object
) -> Suggestions:
    given = SuggestionOptions.model_validate({"n": 16, "timeout_s": 60, "tactic_timeout_s": 30, **options})
    return await Suggester(lean, closers()).for_state(state, header=header, options=given)


@pytest.mark.parametrize(
    ("state", "header", "identity", "meant"),
    [
        ("n : Nat\n⊢ n = n", "import Mathlib.Tactic\n", CORE, True),
        (REAL, "", CORE, True),
        (REAL, "import My.Project\n", CORE, True),
        ("n : Nat\n⊢ n = n", "import Lean\nimport Prover\n", CORE, False),
        ("n : Nat\n⊢ n = n", "", CORE, False),
        (REAL, "import Mathlib\n", WITH_MATHLIB, False),
        (REAL, "import Mathlib\n", "isabelle@2025+HOL", False),
        (REAL, "import not-a-module\n", CORE, True),
    ],
)
def test_who_has_mathlib(state: str, header: str, identity: str, meant: bool) -> None:
    assert meant_for_mathlib(state, header, identity) is meant


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (REAL, {"nlinarith [sq_nonneg (x - y)]", "norm_num", "linarith"}),
        ("x : ℝ\nh : 0 < x\n⊢ 0 < x ^ 2 + x", {"positivity"}),
        ("x : ℝ\nh : x ≠ 0\n⊢ x / x = 1", {"field_simp", "ring"}),
        ("α : Type\ns t : Finset α\n⊢ s ∩ t ⊆ s", {"aesop"}),
    ],
)
async def test_goal_that_cannot_be_read_gets_mathlibs_tactics_of_its_shape(
    lean: LeanWasmEnvironment, state: str, wanted: set[str]
) -> None:
    found = await asked(lean, state)
    assert found.tried_in is None
    assert len(found.suggestions) == 16
    assert wanted <= {each.tactic for each in found.suggestions}
    assert {each.outcome for each in found.suggestions} == {Outcome.UNTRIED}
    scores = [each.logprob for each in found.suggestions]
    assert scores == sorted(scores, reverse=True)


async def test_goal_in_mathlibs_notation_is_read_and_what_closes_it_comes_first(lean: LeanWasmEnvironment) -> None:
    found = await asked(lean, "a b : ℕ\nh : a ≤ b\n⊢ a < b + 1")
    assert found.tried_in == "goal"
    outcomes = [each.outcome for each in found.suggestions]
    assert outcomes[0] is Outcome.CLOSES
    assert "linarith" in [each.tactic for each in found.suggestions if each.outcome is Outcome.UNTRIED]


async def test_what_fails_in_core_lean_may_work_for_the_client_unless_it_is_the_same_there(
    lean: LeanWasmEnvironment,
) -> None:
    found = await asked(lean, "a b : ℕ\n⊢ a * b = b", n=64)
    by_tactic = {each.tactic: each for each in found.suggestions}
    assert by_tactic["ring"].outcome is by_tactic["simp"].outcome is Outcome.UNTRIED
    assert by_tactic["omega"].outcome is Outcome.FAILS


async def test_prefix_decides_before_suggestions_are_counted(lean: LeanWasmEnvironment) -> None:
    found = await asked(lean, REAL, prefix="nlinarith [", n=3)
    assert len(found.suggestions) == 3
    assert all(each.tactic.startswith("nlinarith [") for each in found.suggestions)
    core = await asked(lean, "p q : Prop\nhp : p\nhq : q\n⊢ p ∧ q", header="", prefix="exact", n=4)
    assert (core.suggestions[0].tactic, core.suggestions[0].outcome) == ("exact ⟨hp, hq⟩", Outcome.CLOSES)
