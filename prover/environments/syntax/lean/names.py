"""Names that the embedded Lean does not have but people write: slips of the pen, and Mathlib's; and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prover.environments.syntax.lean.tokens import words


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CORE = _words_of("Array Bool Char Fin Float Int List Nat Option Prop Rat Sort String Type Unit")
MEANT = {
    **{name.lower(): name for name in sorted(_CORE)},
    **{"ℕ": "Nat", "ℤ": "Int", "ℚ": "Rat", "boolean": "Bool", "integer": "Int", "natural": "Nat"},
}
"""What a name that Lean does not know is meant to be."""
MATHLIB_NAMES = _words_of(
    """ℝ ℂ ℝ≥0 ℝ≥0∞ Real Complex NNReal ENNReal Set Finset Multiset Matrix Polynomial ZMod Filter Group Ring Field
    CommRing CommGroup AddGroup AddCommGroup Monoid CommMonoid Semiring CommSemiring Module MetricSpace
    TopologicalSpace MeasurableSpace Lattice LinearOrder PartialOrder Preorder Fintype Infinite Cardinal Ordinal
    Equiv Odd Even Irrational"""
)
MATHLIB_TACTICS = _words_of(
    """norm_num linarith nlinarith polyrith linear_combination positivity ring ring_nf ring1 field_simp abel group
    gcongr bound aesop tauto itauto interval_cases fin_cases push_neg nth_rewrite nth_rw continuity measurability
    fun_prop slim_check choose lift wlog contrapose contrapose! by_contra! use zify qify rify mod_cases noncomm_ring
    peel rify slice_lhs"""
)

USE_MATHLIB = (
    "for Mathlib: `prover setup --mathlib`, then `--environment lean-project --project DIR` with its folder "
    "(docs/how-to/lean-projects.md)"
)
_NEVER_WORDS = frozenset({"nat", "int", "bool", "ℕ", "ℤ", "ℚ"})
"""Of those, what no message has for a word of its own."""
_UNKNOWN = re.compile(r"(?i)unknown (?:identifier|constant) (?:`(.+?)`|'(.+?)')")
_NO_TACTIC = re.compile(r"(?i)unknown tactic")
_MATHLIB_NAME = re.compile(r"\b(Real|Complex|Finset|Multiset|Polynomial|Matrix|ZMod|Set)\.\w")
_NOTATION = re.compile(r"[∑∏∫√‖⨆⨅]|\bMathlib\b")
_OWN = re.compile(r'"\s*(\S+)\s*"|\b(?:structure|inductive|class|def|abbrev|namespace)\s+([\w.]+)')
"""What a text has notation for or defines itself."""


def hint_for(text: str, errors: Iterable[str]) -> str | None:
    """Return what to do about errors that Lean reports of a text, where it is a slip of the pen or Mathlib's."""
    errors = list(errors)
    if not errors:
        return None
    unknown = [found[1] or found[2] for error in errors for found in _UNKNOWN.finditer(error)]
    used = words(text)
    own = {name for found in _OWN.findall(text) for name in found if name}
    slips = [name for name in unknown if name in MEANT]
    slips += [
        name for name in _NEVER_WORDS.intersection(used) - own if slips or any(name in words(error) for error in errors)
    ]
    if slips := sorted(set(slips)):
        meant = ", ".join(f"{MEANT[name]} for {name}" for name in slips)
        also = f"; ℕ, ℤ and ℚ are Mathlib's notation ({USE_MATHLIB})" if {"ℕ", "ℤ", "ℚ"}.intersection(slips) else ""
        return f"did you mean {meant}?{also}"
    if found := next((name for name in unknown if name.partition(".")[0] in MATHLIB_NAMES), None):
        return f"{found} is Mathlib's, and the embedded Lean has none; {USE_MATHLIB}"
    if any(_NO_TACTIC.search(error) for error in errors) and (
        tactic := next((word for word in used if word in MATHLIB_TACTICS), None)
    ):
        return f"the tactic {tactic} is Mathlib's, and the embedded Lean has none; {USE_MATHLIB}"
    if ({*_NOTATION.findall(text), *_MATHLIB_NAME.findall(text)} | {"ℝ", "ℂ"}.intersection(used)) - own:
        return f"this looks like Mathlib, and the embedded Lean has none; {USE_MATHLIB}"
    return None
