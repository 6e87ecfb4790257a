"""The axioms that a proof may rest on."""

STANDARD_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})
"""Lean's own; see "Axioms and Computation" in Theorem Proving in Lean 4."""
