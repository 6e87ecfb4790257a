"""Predicates that the header defines by rules: induction on a hypothesis, its last rule, and the rules themselves.

The induction is general over what other hypotheses are about, and these are inverted in each case (two derivations of
one thing). A relation gets its law on the way: a step at the end, two chains joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.policies.terms import Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, is_type

MOST_HYPOTHESES = 3
MOST_RELATIONS = 2


def rule_induction(view: GoalView) -> Iterator[Weighted]:
    """Induction and inversion on hypotheses about the header's predicates. Where one is none, this fails at once."""
    names = ", ".join(map(defined, view.definitions))
    facts = [fact for fact in view.facts if _head(fact.term) in view.definitions and accessible(fact.name)]
    finish = f"first | grind [{names}] | (constructor <;> first | assumption | constructor | grind [{names}])"
    for place, fact in enumerate(facts[:MOST_HYPOTHESES]):
        weight = 0.7**place
        yield f"induction {fact.name} <;> grind [{names}]", 0.06 * weight
        yield f"induction {fact.name} <;> {finish}", 0.07 * weight
        yield f"induction {fact.name} <;> simp_all [{names}]", 0.02 * weight
        yield f"cases {fact.name} <;> grind [{names}]", 0.03 * weight
        others = [other.name for other in facts if other is not fact and "." not in other.name]
        if general := _general(view, fact):
            opening = f"induction {fact.name} generalizing {' '.join(general)}"
            yield f"{opening} <;> grind [{names}]", 0.05 * weight
            yield from ((f"{opening} <;> cases {other} <;> grind [{names}]", 0.07 * weight) for other in others[:2])
            yield f"set_option tactic.hygienic false in {opening}", 0.03 * weight
        # The cases get names that tactics can write.
        yield f"set_option tactic.hygienic false in induction {fact.name}", 0.006 * weight
        yield f"set_option tactic.hygienic false in cases {fact.name}", 0.006 * weight
        yield from ((f"{law}\ninduction {fact.name} <;> {finish}", 0.05 * weight) for law in _laws(view, facts, names))
    if _head(view.target) in view.definitions:
        yield f"solve_by_elim [{names}]", 0.01
        yield "constructor <;> first | assumption | grind", 0.01


def _head(term: Term) -> str:
    return "" if term.variable or not term.args else term.head


def _general(view: GoalView, fact: Fact) -> list[str]:
    """Return the variables, no types or functions, that the hypothesis does not mention and others or the target do."""
    own = fact.term.variables
    elsewhere = {name for term in view.terms for name in term.variables}
    return [
        name
        for name, kind in view.variables.items()
        if name in elsewhere - own and accessible(name) and kind.head not in {"Sort", "→"}
    ]


def _laws(view: GoalView, facts: Sequence[Fact], names: str) -> Iterator[str]:
    """Yield lemmas about relations `P r : α → α → Prop`: `r x y` before or after `P r y z`, and transitivity."""
    finish = f"first | grind [{names}] | (constructor <;> first | assumption | constructor | grind [{names}])"
    heads = dict.fromkeys((_head(fact.term), fact.term.args) for fact in facts)
    for head, args in list(heads)[:MOST_RELATIONS]:
        given = [arg for arg in args if not is_type(view, arg)]
        if len(given) != 3 or not given[0].variable or view.variables[given[0].head].head != "→":
            continue
        r = given[0].head
        many = f"{defined(head)} {r}"
        for first, second in ((f"{many} x y", f"{r} y z"), (f"{many} x y", f"{many} y z")):
            yield (
                f"have law : ∀ {{x y z}}, {first} → {second} → {many} x z := by\n"
                f"  intro x y z h k\n  induction h <;> {finish}"
            )
