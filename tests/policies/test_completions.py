"""How a tactic that someone has begun goes on."""

from __future__ import annotations

import pytest

from prover.environments.syntax.lean.screening import proof_problem
from prover.policies.automation.completions import completions

BOTH = "p q : Prop\nhp : p\nhq : q\n⊢ p ∧ q"
EQUATION = "a b : Nat\nh : a = b\nk : b ≤ 3\n⊢ b = a"


@pytest.mark.parametrize(
    ("prefix", "text", "first", "also"),
    [
        ("exact", BOTH, "exact hq", "exact ⟨hp, hq⟩"),
        ("exact", "p : Prop\nh : p\n⊢ p", "exact h", "exact by omega"),
        ("exact h.", "p q : Prop\nh : p ∧ q\n⊢ p", "exact h.1", "exact h.2"),
        ("rw [", EQUATION, "rw [h]", "rw [← h]"),
        ("rw [h] at", EQUATION, "rw [h] at k", "rw [h] at k"),
        ("apply", "p q : Prop\nh : p → q\n⊢ q", "apply h", "apply?"),
        ("induction", "n : ℕ\n⊢ n + 0 = n", "induction n <;> simp_all", "induction n"),
        ("linarith", EQUATION, "linarith", "linarith [k]"),
        ("intro", "⊢ ∀ n, n = n", "intro h", "intros"),
    ],
)
def test_beginning_goes_on_over_the_goals_names(prefix: str, text: str, first: str, also: str) -> None:
    found = [tactic for tactic, _ in completions(prefix, text)]
    assert found[0] == first
    assert also in found
    assert all(tactic.startswith(prefix) for tactic in found)
    assert [tactic for tactic in found if proof_problem(tactic)] == []


def test_types_are_no_facts_and_data_is_nothing_to_rewrite_with() -> None:
    found = {tactic for letter in "abcdefghijklmnopqrstuvwxyz" for tactic, _ in completions(letter, EQUATION)}
    assert "simp [h]" in found
    assert not {"simp [a]", "rw [a]", "exact a", "exact p"} & found


def test_nothing_goes_on_from_nothing() -> None:
    assert completions("", BOTH) == completions("exact", "no goal") == completions("zzz", BOTH) == []
