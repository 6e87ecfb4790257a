from __future__ import annotations

import pytest

from prover.environments.syntax.lean.missing import missing_names


@pytest.mark.parametrize(
    ("tactic", "message", "names"),
    [
        ("exact sq_nonneg x", "Unknown identifier `sq_nonneg`", ["sq_nonneg"]),
        ("rw [Finset.sum_comm]", "unknown constant 'Finset.sum_comm'", ["Finset.sum_comm"]),
        ("norm_num [h]", "<input>:1:1: unknown tactic", ["norm_num"]),
        ("· nlinarith\n· ring_nf; ring_nf", "unknown tactic", ["nlinarith", "ring_nf"]),
        ("made_up", "unknown tactic", []),
        ("exact h₁", "Unknown identifier `h₁`", []),
        ("exact h_pos", "Unknown identifier `h_pos`", []),
        ("exact hx_pos", "Unknown identifier `hx_pos`", []),
        ("exact ih_left", "Unknown identifier `ih_left`", []),
        ("omega", "omega could not prove the goal", []),
        ("norm_num", "Unknown identifier `x`", []),
    ],
)
def test_names_of_a_library_are_told_from_others(tactic: str, message: str, names: list[str]) -> None:
    assert [*missing_names(tactic, message)] == names
