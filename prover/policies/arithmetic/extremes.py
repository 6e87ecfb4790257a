"""Numbers of which hypotheses say that they are the least or the greatest with a property.

The property is evaluated, number by number; the least found is what the hypothesis is applied to. What is known of one
number helps with the next: "the least, and the least of all others".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prover.policies.arithmetic.shapes import Quantified, quantified
from prover.policies.terms import Fact, Function, GoalView, Term, Value, Weighted, evaluate

REACH = 3000  # numbers tried, on each side of zero


def extremes(view: GoalView) -> Iterator[Weighted]:
    """`P u` and `∀ b, P b → u ≤ b` (or `b ≤ u`): u is the first (or last) number with P."""
    known: dict[str, Value | Function] = dict(view.functions)
    lines: list[str] = []
    open_facts = list(view.facts)
    while found := next(_determined(view, open_facts, known), None):
        fact, name, value = found
        open_facts.remove(fact)
        known[name] = value
        lines.append(f"have value_{name} : {name} = {value} := by have := {fact.name} {value} (by decide); omega")
        lines.append(f"subst value_{name}")
    if not lines:
        return
    if predicates := [fact.name for fact in view.facts if _is_definition(fact)]:
        lines.insert(0, f"simp only [{', '.join(predicates)}] at *")
    yield "\n".join([*lines, "first | omega | decide +kernel | grind"]), 0.30
    yield "\n".join(lines), 0.05


def _determined(
    view: GoalView, facts: list[Fact], known: Mapping[str, Value | Function]
) -> Iterator[tuple[Fact, str, int]]:
    """Yield hypotheses that say which number it is, with its name and value."""
    for fact in facts:
        match quantified(fact.term):
            case Quantified(((bound, "Nat" | "Int" as kind),), premises, Term("≤", (left, right))) if premises:
                number, least = (left, True) if right.is_variable(bound) else (right, False)
            case _:
                continue
        if not number.variable or view.numbers.get(number.head) != kind or number.head in known:
            continue
        tried = range(REACH) if kind == "Nat" else range(-REACH, REACH)
        for value in tried if least else reversed(tried):
            answers = [evaluate(premise, {**known, bound: value}) for premise in premises]
            if None in answers:
                break
            if all(answers):
                yield fact, number.head, value
                break


def _is_definition(fact: Fact) -> bool:
    """Does it say for what a predicate stands: `∀ x, p x ↔ ...`?"""
    match fact.term:
        case Term("∀", (_, Term("↔", (Term("apply", (_, argument)), _))), name=name):
            return argument.is_variable(name)
        case _:
            return False
