"""What stands before a theorem, and how tactics cite it."""

from __future__ import annotations

from prover.core.theorem import Theorem
from prover.policies.header import Header

TEXT = """\
inductive Tree where
  | leaf : Tree
  | node : Tree → Tree → Tree

def Tree.size : Tree → Nat
  | .leaf => 1
  | .node l r => l.size + r.size

inductive Small : Tree → Prop where
  | leaf : Small .leaf
  | left {t : Tree} : Small t → Small (.node .leaf t)

theorem t (s : Tree) (h : Small s) : 0 < s.size"""


def test_lists_have_a_predicates_rules_and_no_types_or_constructors() -> None:
    header = Header.of(Theorem.from_text(TEXT))
    definitions = ("Tree", "Tree.node", "Tree.size", "Small")
    assert header.functions == ("Tree.size",)
    assert header.cited(definitions) == ("Tree.size", "Small.leaf", "Small.left")
    assert header.unfolded(definitions) == ("Tree.size",)
    assert Header().cited(definitions) == definitions
