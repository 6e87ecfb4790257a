"""Newman's lemma: where reductions end, and single steps from one element meet again, any two reductions meet.

By induction along the steps: what the first steps lead to meets, each of the two sides by the hypothesis. The laws of
many steps (none, one after the other, a first one) are proved from the rules on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.policies.automation.relations import closure
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, is_type, listed, written

NEWMAN = """\
have none : ∀ x, {many} x x := by grind [{names}]
have once : ∀ {{x y}}, {r} x y → {many} x y := fun {{x y}} h => by have := none x; have := none y; grind [{names}]
have chain : ∀ {{x y z}}, {many} x y → {many} y z → {many} x z := by
  intro x y z h k
  first | (induction h <;> grind [{names}]) | (induction k <;> grind [{names}])
have starts : ∀ {{x y}}, {many} x y → x = y ∨ ∃ z, {r} x z ∧ {many} z y := by
  intro x y h; induction h <;> grind [{names}]
refine {wf}.induction (C := fun x => ∀ y z, {many} x y → {many} x z → ∃ w, {many} y w ∧ {many} z w) {x} ?_ _ _ {h} {k}
clear {h} {k}
intro x ih y z h k
rcases starts h with e | ⟨a, ra, ma⟩
· exact ⟨z, e ▸ k, none z⟩
· rcases starts k with e | ⟨b, rb, mb⟩
  · exact ⟨y, none y, e ▸ h⟩
  · obtain ⟨u, hu, ku⟩ := {local} x a b (by assumption) (by assumption)
    obtain ⟨v, hv, kv⟩ := ih a ra y u ma hu
    obtain ⟨w, hw, kw⟩ := ih b rb v z (chain ku kv) mb
    exact ⟨w, chain hv hw, kw⟩"""


def confluence(view: GoalView) -> Iterator[Weighted]:
    """Two reductions of one element, in a system that ends and is confluent at single steps."""
    ends = [fact.name for fact in view.facts if fact.term.head == "WellFounded" and accessible(fact.name)]
    locally = [fact.name for fact in view.facts if _is_local(fact.term) and accessible(fact.name)]
    if not ends or not locally or view.target.head != "∃":
        return
    reductions = [
        (fact, found)
        for fact in view.facts
        if (found := closure(view, fact.term)) and sum(not is_type(view, arg) for arg in fact.term.args) == 3
    ]  # the relation, and two elements
    for first, found in reductions:
        for second, _ in reductions:
            with suppress(ValueError):
                start, *others = (written(view, fact.term.args[-2]) for fact in (first, second))
                if first is not second and others == [start]:
                    names = listed(view.cited)
                    yield NEWMAN.format(
                        many=found[1], r=found[0], names=names, wf=ends[0], x=start, h=first.name, k=second.name,
                        local=locally[0],
                    ), 0.25  # fmt: skip
                    return


def _is_local(term: Term) -> bool:
    """Is it `∀ x y z, r x y → r x z → ∃ w, …`?"""
    while term.head == "∀":
        term = term.args[1]
    match term:
        case Term("→", (Term("apply", (r, *_)), Term("→", (Term("apply", (same, *_)), Term("∃"))))):
            return r == same
        case _:
            return False
