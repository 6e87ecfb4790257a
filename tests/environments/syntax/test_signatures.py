"""Types of functions, as they are read from words alone."""

from __future__ import annotations

from prover.environments.syntax.lean.signatures import Signature, signatures

TEXT = """\
namespace Deep
mutual
def even : Nat → Bool
  | 0 => true
  | n + 1 => odd n
def odd : Nat → Bool
  | 0 => false
  | n + 1 => even n
end

-- def hidden : Nat := 0
def Tree.fold {α β : Type} (f g : β → β → β) (b : β) [Inhabited α] : Tree (List α) → (Nat -> β) → β × β
  | t, h => (f b b, h 0)
end Deep

def untyped := 3

def zero : Nat := 0"""


def test_arguments_results_and_blocks() -> None:
    block = ("Deep.even", "Deep.odd")
    assert list(signatures(TEXT)) == [
        Signature("Deep.even", ("Nat",), "Bool", 0, block),
        Signature("Deep.odd", ("Nat",), "Bool", 0, block),
        Signature("Deep.Tree.fold", ("β → β → β", "β → β → β", "β", "Tree (List α)", "(Nat -> β)"), "β × β", 3),
        Signature("zero", (), "Nat"),
    ]


def test_text_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    for end in range(len(TEXT)):
        for found in signatures(TEXT[:end]):
            assert found.result
