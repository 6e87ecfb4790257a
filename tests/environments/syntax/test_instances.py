"""Instances as they are read in a header."""

from __future__ import annotations

from prover.environments.syntax.lean.instances import Instance, instances

TEXT = """\
instance (priority := low) {α : Type} [Zero α] : Zero (Pair α) where
  zero := ⟨0, 0⟩
namespace N
instance (priority := high) plus (n : Nat) : HAdd N N N := ⟨N.add⟩
end N
-- instance : Mul V := ⟨V.mul⟩
@[simp] instance «odd name» : One V := ⟨one⟩
noncomputable instance : Neg V
  | v => neg v
"""


def test_binders_class_and_type_are_as_written() -> None:
    assert list(instances(TEXT)) == [
        Instance("", "{α : Type} [Zero α]", "Zero", "(Pair α)"),
        Instance("N.plus", "(n : Nat)", "HAdd", "N N N"),
        Instance("«odd name»", "", "One", "V"),
        Instance("", "", "Neg", "V"),
    ]


def test_text_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    for end in range(len(TEXT)):
        for found in instances(TEXT[:end]):
            assert found.class_name
