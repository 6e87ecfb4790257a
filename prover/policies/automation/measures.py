"""Well-founded relations: what a measure goes down with, induction along them, and no infinite descent.

`r x y → m x < m y` for natural numbers m makes r well founded. Along such a relation, what holds of an element as soon
as it holds below, holds of all, and no sequence goes down for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.arithmetic.shapes import Quantified, quantified
from prover.policies.automation.classical import INWARDS
from prover.policies.scope import function_variables
from prover.policies.terms import FALSE, Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible, written

MOST_ELEMENTS = 2
MOST_WAYS = 24
DESCENT = """\
exact {wf}.induction (C := fun x => ∀ n, {s} n = x → False) ({s} 0)
  (fun _ ih n hn => ih ({s} (n + 1)) (hn ▸ {h} n) (n + 1) rfl) 0 rfl"""
DENIED_ONLY = "refine Classical.byContradiction fun hc => ?_"
DENIED = f"{DENIED_ONLY}\nsimp only [{INWARDS}] at hc"
MINIMAL = """\
refine ⟨fun a => Classical.byContradiction fun hc => ?_⟩
have at_all := {h} (fun x => ¬ Acc {r} x) ⟨a, hc⟩
grind [Acc.intro]"""
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
        yield from _inductions(view, well_founded)
        if view.target.head == "WellFounded":
            yield from _pulled_back(view, well_founded)
        if view.target.head == "∃" and view.target.args[0].head == "Nat":
            for s, arguments, _ in function_variables(view):
                if [argument.head for argument in arguments] == ["Nat"]:
                    yield f"{DENIED}\n{DESCENT.format(wf=well_founded, s=s, h='hc')}", 0.15
    if view.target.head == "WellFounded":
        with suppress(ValueError):
            r = written(view, view.target.args[-1])
            yield from ((MINIMAL.format(h=fact.name, r=r), 0.15) for fact in view.facts if _gives_minimal(fact))


def _pulled_back(view: GoalView, well_founded: str) -> Iterator[Weighted]:
    """Relations within a well-founded one, perhaps by way of a function."""
    functions = [f for f, arguments, _ in function_variables(view) if len(arguments) == 1]
    known = [well_founded, *(f"(InvImage.wf {f} {well_founded})" for f in functions)]
    within = [fact.name for fact in view.facts if fact.term.head == "∀" and accessible(fact.name)]
    ways = [f"exact {each}" for each in known[1:]]
    ways += [f"exact Subrelation.wf (fun k => {name} {blanks}k) {each}"
             for each in known for name in within for blanks in ("", "_ _ ")]  # fmt: skip
    if ways:
        yield "first | " + " | ".join(ways[:MOST_WAYS]), 0.20


def _inductions(view: GoalView, well_founded: str) -> Iterator[Weighted]:
    """Induction on an element, of which every smaller one has none of what the goal supposes."""
    for place, x in enumerate(name for name, kind in view.variables.items() if kind.variable and accessible(name)):
        others = [y for y, kind in view.variables.items() if kind == view.variables[x] and y != x and accessible(y)]
        general = f" generalizing {' '.join(others)}" if others else ""
        denied = f"{DENIED_ONLY}\n" if view.target.head in {"∃", "∨"} else ""
        if x in {name for term in view.terms for name in term.variables} and place < MOST_ELEMENTS:
            induction = f"induction {x} using {well_founded}.induction{general} with"
            yield f"{denied}{induction}\n| _ {x} ih => grind", (0.12 if denied else 0.10) * 0.8**place


def _gives_minimal(fact: Fact) -> bool:
    """Does it say of all sets that there is something, if only they are not empty?"""
    return fact.term.head == "∀" and fact.term.args[0].head == "→" and any(part.head == "∃" for part in fact.term)


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
