from __future__ import annotations

import pytest

from prover.environments.syntax.lean.conjuncts import conjuncts


@pytest.mark.parametrize(
    ("proposition", "parts"),
    [
        ("p", ["p"]),
        ("p ∧ q", ["p", "q"]),
        ("a < b ∧\n    b < c ∧ p", ["a < b", "b < c", "p"]),
        ("(p ∧ q) ∧ r", ["(p ∧ q)", "r"]),
        ("p ∧ ∃ x, q x ∧ r x", ["p", "∃ x, q x ∧ r x"]),
        ("∃ x, q x ∧ r x", ["∃ x, q x ∧ r x"]),
        ("p ∧ q ∨ r", ["p ∧ q ∨ r"]),
        ("p ∧ q ↔ q ∧ p", ["p ∧ q ↔ q ∧ p"]),
        ("(if p then q else r) ∧ s", ["(if p then q else r)", "s"]),
        ("", [""]),
    ],
)
def test_conjunctions_are_taken_apart_and_nothing_else(proposition: str, parts: list[str]) -> None:
    assert conjuncts(proposition) == parts
