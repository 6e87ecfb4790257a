"""Types and predicates that a text defines by their constructors."""

from __future__ import annotations

from prover.environments.syntax.lean.inductives import inductives

TEXT = """\
/-- inductive Commented | a -/
inductive Light where
  | red | green
  deriving Repr

namespace Deep
inductive Star {α : Type} (r : α → α → Prop) : α → α → Prop where
  | refl {x : α} : Star r x x
  | step {x y z : α} : r x y → (Star r y z ∨ (fun | 0 => True | _ => False) 0) → Star r x z
end Deep

structure Point where
  x : Nat

mutual
inductive Even : Nat → Prop
  | zero : Even 0
  | odd : Odd n → Even (n + 1)
inductive Odd : Nat → Prop
  | even : Even n → Odd (n + 1)
end

def f : Nat → Nat
  | 0 => 0
  | n + 1 => f n
"""


def test_names_are_full_and_predicates_are_told_from_data() -> None:
    assert [(each.name, each.constructors, each.predicate) for each in inductives(TEXT)] == [
        ("Light", ("Light.red", "Light.green"), False),
        ("Deep.Star", ("Deep.Star.refl", "Deep.Star.step"), True),
        ("Point", (), False),
        ("Even", ("Even.zero", "Even.odd"), True),
        ("Odd", ("Odd.even",), True),
    ]


def test_text_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    for end in range(len(TEXT)):
        for found in inductives(TEXT[:end]):
            assert found.name
