"""Tactic proofs in the text of a file, and the steps they are cut into."""

from __future__ import annotations

from prover.data.mining.blocks import steps, tactic_blocks, without_proofs

FILE = """\
/-- theorem comment : False := by nothing -/
theorem one (a b : Nat) : a + b = b + a := by omega

-- theorem two : False := by
  theorem three {p q : Prop} (h : p ∧ q) : q ∧ p := by
    constructor
    · -- first
      exact h.2
    · have hp : p := by
        exact h.1
      exact hp

theorem four : 1 = 1 := rfl
def five : Nat := by exact 5
protected theorem six (n : Nat) : n = n := by
  cases n with
  | zero => rfl
  | succ n =>
    rfl
"""


def test_only_proofs_of_theorems_by_tactics_are_blocks() -> None:
    blocks = tactic_blocks(FILE)
    assert [block.lines[0] for block in blocks] == ["omega", "constructor", "cases n with"]


def test_a_file_without_its_proofs_keeps_its_lines() -> None:
    blocks = tactic_blocks(FILE)
    bare = without_proofs(FILE, blocks)
    assert bare.count("\n") == FILE.count("\n")
    assert bare.count(":= by sorry") == 3
    assert "exact h.2" not in bare
    assert "def five : Nat := by exact 5" in bare
    assert [bare.split("\n")[FILE.count("\n", 0, block.start)].endswith("by sorry") for block in blocks] == [True] * 3


def test_bullets_are_cut_if_wanted_and_what_belongs_together_stays() -> None:
    _, three, six = tactic_blocks(FILE)
    assert steps(three.lines, flat=True) == ["constructor", "exact h.2", "have hp : p := by\n  exact h.1", "exact hp"]
    assert steps(three.lines, flat=False) == [
        "constructor",
        "·\n  exact h.2",
        "· have hp : p := by\n    exact h.1\n  exact hp",
    ]
    assert steps(six.lines, flat=True) == ["cases n with\n| zero => rfl\n| succ n =>\n  rfl"]


def test_steps_on_the_line_of_by_and_after_it() -> None:
    (block,) = tactic_blocks("theorem t : a := by simp;\n    omega\n")
    assert steps(block.lines, flat=True) == ["simp;\n  omega"]
    (block,) = tactic_blocks("lemma t : a := by\n  induction n <;>\n    simp\n  <;> omega\n\n  rfl\n")
    assert steps(block.lines, flat=True) == ["induction n <;>\n  simp\n<;> omega", "rfl"]
