"""Theories that others import: whoever has `Complex_Main` has `Main`, and a text may import no more than that."""

from __future__ import annotations

from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAIN = _words(
    """
    Binomial Bit_Operations Boolean_Algebras Code_Evaluation Code_Numeral Complete_Lattices Complete_Partial_Order
    Conditionally_Complete_Lattices Enum Equiv_Relations Euclidean_Division Euclidean_Rings Factorial Fields Filter
    Finite_Set Fun Fun_Def GCD Groebner_Basis Groups Groups_Big Groups_List HOL Hilbert_Choice Inductive Int Lattices
    Lattices_Big Lifting Lifting_Set List Map Meson Metis Nat Num Numeral_Simprocs Option Order_Relation Orderings
    Parity Partial_Function Power Predicate Presburger Product_Type Quotient Random Record Relation Rings SAT SMT
    Semiring_Normalization Set Set_Interval Sledgehammer String Sum_Type Transfer Transitive_Closure Typedef
    Wellfounded Wfrec Zorn
    """
)
"""Theories of the session HOL behind `Main` that people import by name (Isabelle 2022 to 2025)."""
COMPLEX_MAIN = _words(
    """
    Archimedean_Field Complex Deriv Inequalities Limits MacLaurin Modules NthRoot Rat Real Real_Vector_Spaces Series
    Topological_Spaces Transcendental Vector_Spaces
    """
)
"""Those that `Complex_Main` has beside."""


def ancestors_of(imports: Sequence[str]) -> frozenset[str]:
    """Return theories that come with these imports, by the names under which a text may import them."""
    found = {"Pure"}
    if any(name == "Main" or name == "Complex_Main" or name.startswith("HOL-") for name in imports):
        found |= {"Main", *(f"HOL.{name}" for name in MAIN)}
    if "Complex_Main" in imports:
        found |= {"Complex_Main", *(f"HOL.{name}" for name in COMPLEX_MAIN)}
    return frozenset(found)
