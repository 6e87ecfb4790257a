"""Strong induction as proofs about prime numbers use it: either n has a proper divisor, which is smaller, or none."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined

STEPS = """\
induction {n} using Nat.strongRecOn with
| ind {n} ih =>
  have pos : 0 < {n} := by omega
  have proper := fun d (hd : d ∣ {n}) => Classical.or_iff_not_imp_left.mpr fun (hn : ¬ d = {n}) =>
    Classical.or_iff_not_imp_left.mpr fun (_ : ¬ d = 1) =>
      have lt := Nat.lt_of_le_of_ne (Nat.le_of_dvd pos hd) hn
      have := Nat.pos_of_dvd_of_pos hd pos
      ih d lt{premises}
  clear ih
  by_cases hn : ∃ d, d ∣ {n} ∧ ¬ d = 1 ∧ ¬ d = {n}
  · obtain ⟨d, hd, h1, h2⟩ := hn
    rcases proper d hd with r | r | r
    · exact absurd r h2
    · exact absurd r h1
    · first | grind [Nat.dvd_trans] | (obtain ⟨w, hw⟩ := r; exact ⟨w, by grind [Nat.dvd_trans]⟩)
  · have : ∀ d, d ∣ {n} → d = 1 ∨ d = {n} := by grind
    have := Nat.dvd_refl {n}
{asked}    first | grind [{names}] | exact ⟨{n}, by grind [{names}]⟩"""


def divisor_induction(view: GoalView) -> Iterator[Weighted]:
    """A claim about the divisors of n, whatever else is known of n being bounds."""
    names = {part.args[1].head for part in view.target if part.head == "∣" and part.args[1].variable}
    predicates = [name for name in view.definitions if any(part.head == name for part in view.target)]
    for n in names & view.numbers.keys():
        about = [fact for fact in view.facts if n in fact.term.variables]
        if view.numbers[n] != "Nat" or not accessible(n) or not all(_is_bound(fact.term) for fact in about):
            continue
        asked = "".join(f"    have := Classical.em ({defined(name)} {n})\n" for name in predicates)
        yield (
            STEPS.format(
                n=n, premises=" (by omega)" * len(about), asked=asked, names=", ".join(map(defined, predicates))
            ),
            0.10,
        )


def _is_bound(term: Term) -> bool:
    """Is it a comparison, which omega shows of a smaller number as well?"""
    match term:
        case Term("¬", (inner,)):
            return _is_bound(inner)
        case _:
            return term.head in {"<", "≤", "≠", "="} and term.type == "Nat"
