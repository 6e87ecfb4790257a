"""Predicates that the header defines by rules: induction on a hypothesis, its last rule, and the rules themselves."""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined

MOST_HYPOTHESES = 3


def rule_induction(view: GoalView) -> Iterator[Weighted]:
    """Induction and inversion on hypotheses about the header's predicates. Where one is none, this fails at once."""
    names = ", ".join(map(defined, view.definitions))
    facts = [fact for fact in view.facts if _head(fact.term) in view.definitions and accessible(fact.name)]
    for place, fact in enumerate(facts[:MOST_HYPOTHESES]):
        weight = 0.7**place
        yield f"induction {fact.name} <;> grind [{names}]", 0.06 * weight
        yield f"induction {fact.name} <;> simp_all [{names}]", 0.02 * weight
        yield f"cases {fact.name} <;> grind [{names}]", 0.03 * weight
        others = [other.name for other in facts if other is not fact and "." not in other.name]
        if others:
            yield f"induction {fact.name} generalizing {' '.join(others)} <;> grind [{names}]", 0.02 * weight
        # The cases get names that tactics can write.
        yield f"set_option tactic.hygienic false in induction {fact.name}", 0.006 * weight
        yield f"set_option tactic.hygienic false in cases {fact.name}", 0.006 * weight
    if _head(view.target) in view.definitions:
        yield f"solve_by_elim [{names}]", 0.01
        yield "constructor <;> first | assumption | grind", 0.01


def _head(term: Term) -> str:
    return "" if term.variable or not term.args else term.head
