"""Two types, each with a one-to-one function into the other: there is one that is onto too (Schröder and Bernstein).

A part of A is the greatest that has no element g y for a y outside of its image under f. On it the function is f,
elsewhere what g takes to the element.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import bare, function_variables
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed

BIJECTION = """\
obtain ⟨part, all⟩ : ∃ part : _ → Prop, ∀ x,
    part x ↔ ∃ s : _ → Prop, (∀ a, s a → ¬ ∃ y, (¬ ∃ b, s b ∧ {f} b = y) ∧ {g} y = a) ∧ s x :=
  ⟨_, fun _ => Iff.rfl⟩
have up : ∀ x, part x → ¬ ∃ y, (¬ ∃ b, part b ∧ {f} b = y) ∧ {g} y = x := by
  rintro x hx ⟨y, hy, e⟩
  obtain ⟨s, hs, hx⟩ := (all x).mp hx
  exact hs x hx ⟨y, fun ⟨b, hb, eb⟩ => hy ⟨b, (all b).mpr ⟨s, hs, hb⟩, eb⟩, e⟩
have hS : ∀ x, part x ↔ ¬ ∃ y, (¬ ∃ b, part b ∧ {f} b = y) ∧ {g} y = x := fun x => ⟨up x, fun hx => (all x).mpr
  ⟨fun a => ¬ ∃ y, (¬ ∃ b, part b ∧ {f} b = y) ∧ {g} y = a,
    fun a ha ⟨y, hy, e⟩ => ha ⟨y, fun ⟨b, hb, eb⟩ => hy ⟨b, up b hb, eb⟩, e⟩, hx⟩⟩
have each : ∀ x, ∃ y, (part x ∧ y = {f} x) ∨ (¬ part x ∧ (¬ ∃ s, part s ∧ {f} s = y) ∧ {g} y = x) := by
  intro x
  by_cases hx : part x
  · exact ⟨{f} x, Or.inl ⟨hx, rfl⟩⟩
  · obtain ⟨y, hy⟩ := Classical.not_not.mp (fun no => hx ((hS x).mpr no))
    exact ⟨y, Or.inr ⟨hx, hy⟩⟩
obtain ⟨matched, hh⟩ := Classical.axiomOfChoice each
have both : (∀ x y, matched x = matched y → x = y) ∧ ∀ y, ∃ x, matched x = y := by
  refine ⟨fun x y e => ?_, fun y => ?_⟩
  · rcases hh x with ⟨a, b⟩ | ⟨a, b, c⟩ <;> rcases hh y with ⟨a', b'⟩ | ⟨a', b', c'⟩
    · exact {hf} x y (by rw [← b, ← b', e])
    · exact absurd ⟨x, a, by rw [← b, e]⟩ b'
    · exact absurd ⟨y, a', by rw [← b', e]⟩ b
    · rw [← c, ← c', e]
  · by_cases hy : ∃ s, part s ∧ {f} s = y
    · obtain ⟨s, hs, e⟩ := hy
      rcases hh s with ⟨a, b⟩ | ⟨a, b, c⟩
      · exact ⟨s, by rw [b, e]⟩
      · exact absurd hs a
    · rcases hh ({g} y) with ⟨a, b⟩ | ⟨a, b, c⟩
      · exact absurd ⟨y, hy, rfl⟩ ((hS _).mp a)
      · exact ⟨{g} y, {hg} _ _ c⟩"""
FINISH = (
    "first | exact ⟨matched, And.intro (by intro x y e; exact both.1 x y e) both.2⟩ | exact ⟨matched, by grind{names}⟩"
)


def schroeder_bernstein(view: GoalView) -> Iterator[Weighted]:
    """`∃ h : A → B, …` from one-to-one functions `A → B` and `B → A`."""
    match view.target:
        case Term("∃", (Term("→") as wanted, _)):
            domain, codomain = bare(wanted).args
            names = f" [{listed(view.cited)}]" if view.cited else ""
            for f, hf in _one_to_one(view, domain, codomain):
                for g, hg in _one_to_one(view, codomain, domain):
                    yield f"{BIJECTION.format(f=f, g=g, hf=hf, hg=hg)}\n{FINISH.format(names=names)}", 0.15
                    return


def _one_to_one(view: GoalView, domain: Term, codomain: Term) -> Iterator[tuple[str, str]]:
    """Yield functions of this type with the hypothesis that they are one to one."""
    named = {f for f, given, result in function_variables(view) if given == [domain] and result == codomain}
    for fact in view.facts:
        match fact.term:
            case Term("∀", (_, Term("∀", (_, Term("→", (Term("=", (left, right)), Term("=", (x, y)))))))):
                for f in named:
                    if left.argument_of(f) == x and right.argument_of(f) == y and accessible(fact.name):
                        yield f, fact.name
