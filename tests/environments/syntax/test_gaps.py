"""Where a statement ends, read from its text: a gap in any dress is no part of it."""

from __future__ import annotations

import pytest

from prover.environments.syntax.lean.statement import LeanStatement


@pytest.mark.parametrize(
    "gap",
    [
        "", " :=", " := by", " := sorry", " := by sorry", " := by\nsorry", " := by sorry;", " := by (sorry)",
        " := (sorry)", " := by admit", " := by exact sorry", " := by exact (by sorry)", " := by { admit }",
        " := by\n  · sorry",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["", "\n\nend A"])
def test_statement_ends_before_a_gap(gap: str, ending: str) -> None:
    statement = LeanStatement.read(f"namespace A\n\ntheorem t (h : 1 = 1 := by rfl) : (2 : Nat) = 2{gap}{ending}")
    assert statement.text == "theorem t (h : 1 = 1 := by rfl) : (2 : Nat) = 2"
    assert statement.ending.strip() == ending.strip()


@pytest.mark.parametrize("proof", [" := by exact (h)", " := by simp; sorry", " := rfl", " := (h)"])
def test_proof_stays_part_of_the_text(proof: str) -> None:
    assert LeanStatement.read(f"theorem t (h : a) : a{proof}").text.endswith(proof.strip().split()[-1])
