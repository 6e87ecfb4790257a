"""Structures and classes as they are read in a header."""

from __future__ import annotations

from prover.environments.syntax.lean.structures import Structure, structures

TEXT = """
class Magma (M : Type) extends Mul M, LE M where
  op (a b : M) : M
  square (a : M) : a * a = a
  swap {a b : M} :
    op a b = op b a

class Better (M : Type) extends Magma M
structure Pair (A B : Type) : Type where
  mk ::
  one two : A → B
  (differ : one ≠ two)
deriving Repr
structure Point where x : Nat
def later := 1
"""


def test_parents_fields_and_laws() -> None:
    magma, better, pair, point = structures(TEXT)
    parents = (("Mul", "M"), ("LE", "M"))
    laws = frozenset({"square", "swap"})
    assert magma == Structure("Magma", True, ("M",), parents, ("op", "square", "swap"), laws)
    assert better == Structure("Better", True, ("M",), (("Magma", "M"),), (), frozenset())
    assert pair == Structure("Pair", False, ("A", "B"), (), ("one", "two", "differ"), frozenset({"differ"}))
    assert point == Structure("Point", False, (), (), ("x",), frozenset())


def test_names_in_namespaces() -> None:
    (found,) = structures("namespace Algebra\nstructure Set' (A : Type) where\n  mem : A → Prop\nend Algebra")
    assert (found.name, found.fields, found.laws) == ("Algebra.Set'", ("mem",), frozenset())


PROPOSITION = """\
structure Order {α : Type} (le : α → α → Prop) : Prop where
  refl : ∀ x, le x x
  trans : ∀ x y z : α,
    le x y → le y z → le x z
  /-- a : field -/
  antisymm : ∀ x y, le x y → le y x → x = y
  named : Named le
"""


def test_all_fields_of_a_proposition_are_laws() -> None:
    (order,) = structures(PROPOSITION)
    assert order.proposition
    assert order.fields == ("refl", "trans", "antisymm", "named")
    assert order.laws == frozenset(order.fields)


def test_arguments_in_brackets() -> None:
    (found,) = structures("class Twice (A) (op : A → A) extends Mul (A × A), LE A where\n  law : op = op\n")
    assert found.parameters == ("A", "op")
    assert found.parents == (("Mul", "(A × A)"), ("LE", "A"))


def test_text_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    for end in range(len(TEXT)):
        for found in structures(TEXT[:end]):
            assert found.name
