"""Well-founded relations: what a measure goes down with, induction along them, and no infinite descent.

`r x y → m x < m y` for natural numbers m makes r well founded. Along such a relation, what holds of an element as soon
as it holds below, holds of all, and no sequence goes down for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.arithmetic.shapes import Quantified, quantified
from prover.policies.terms import FALSE, GoalView, Term, Weighted
from prover.policies.texts import accessible

DESCENT = """\
exact {wf}.induction (C := fun x => ∀ n, {s} n = x → False) ({s} 0)
  (fun _ ih n hn => ih ({s} (n + 1)) (hn ▸ {h} n) (n + 1) rfl) 0 rfl"""
LOOP = "exact {wf}.induction (C := fun x => {r} x x → False) {x} (fun x ih hx => ih x hx hx) {h}"


def measures(view: GoalView) -> Iterator[Weighted]:
    """Well-foundedness by a measure, and what follows from it."""
    found = list(_by_measure(view))
    match view.target:
        case Term("WellFounded"):
            yield from ((f"exact {each}", 0.30) for each in found)
        case Term("Acc", (*_, Term(variable=True, head=x))):
            yield from ((f"exact ({each}).apply {x}", 0.30) for each in found)
    found = [f"({each})" for each in found] + [fact.name for fact in view.facts if fact.term.head == "WellFounded"]
    for well_founded in found:
        if view.target == FALSE:
            yield from ((tactic.replace("{wf}", well_founded), 0.20) for tactic in _contradictions(view))
        for x in [name for name, kind in view.variables.items() if kind.variable and accessible(name)]:
            if x in view.target.variables:
                yield f"refine {well_founded}.induction {x} fun {x} ih => ?_\ngrind", 0.05


def _by_measure(view: GoalView) -> Iterator[str]:
    """Yield proofs that a relation is well founded: `r x y → m x < m y`."""
    for fact in view.facts:
        match quantified(fact.term):
            case Quantified(
                ((x, _), (y, _)),
                (Term("apply", (_, a, b)),),
                Term("<", (Term("apply", (m, low)), Term("apply", (same, high))), type="Nat"),
            ) if m == same and accessible(fact.name):
                if [t.head for t in (a, b)] == [t.head for t in (low, high)] == [x, y]:
                    yield f"Subrelation.wf (fun k => {fact.name} _ _ k) (measure {m.head}).wf"


def _contradictions(view: GoalView) -> Iterator[str]:
    """Yield what `∀ n, r (s (n + 1)) (s n)` and `r x x` contradict, with a place for the proof of that."""
    for fact in view.facts:
        if not accessible(fact.name):
            continue
        match fact.term:
            case Term("∀", (Term("Nat"), Term("apply", (_, Term("apply", (s, after)), Term("apply", (same, before)))))):
                if s == same and before.variable and after.head == "+":
                    yield DESCENT.format(s=s.head, wf="{wf}", h=fact.name)
            case Term("apply", (r, x, same)) if x == same and x.variable:
                yield LOOP.format(r=r.head, x=x.head, wf="{wf}", h=fact.name)
