"""Laws of predicates that rules define: the last step taken first, and two derivations joined.

A rule like `r x y → Star r y z → Star r x z`, or `Matches r u → Matches (star r) v → Matches (star r) (u ++ v)`, adds
at one end. What it adds at the other end, and both ends joined, is proved by induction, then used in the goal's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from prover.environments.syntax.lean.inductives import Inductive
from prover.environments.syntax.lean.signatures import Signature, application
from prover.policies.automation.rule_induction import named_terms
from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import accessible, defined, listed

MOST_LAWS = 3
MOST_FACTS = 2


class Step(NamedTuple):
    """A rule, and the words of its conclusion and of its two premises, of which `again` is about the predicate."""

    rule: Signature
    result: tuple[str, ...]
    first: tuple[str, ...]
    again: tuple[str, ...]
    same: int
    """So many words of `again` are those of the result: the predicate and what does not change."""


def rule_laws(view: GoalView) -> Iterator[Weighted]:
    """The laws of each rule that takes one step more, then the goal by induction on a hypothesis."""
    found = [
        (predicate, step)
        for name in view.definitions
        if (predicate := view.header.predicates.get(name))
        for step in _steps(predicate)
    ]
    if not found:
        return
    names = listed(view.cited)
    statements = [law for predicate, step in found[:MOST_LAWS] for law in _laws(predicate, step)]
    laws = [f"try\n  have law_{number} : {statement}" for number, statement in enumerate(statements)]
    ways = [f"grind [{names}]"]
    facts = [fact for fact in view.facts if fact.term.head in view.header.predicates and accessible(fact.name)]
    for fact in [fact for fact in facts if "." not in fact.name][:MOST_FACTS]:
        lines = [*named_terms(view, fact), f"induction {fact.name} <;> grind [{names}]"]
        ways.append("; ".join(lines))
    yield "\n".join([*laws, "first", *(f"| ({way})" for way in ways)]), 0.09


def _steps(predicate: Inductive) -> Iterator[Step]:
    """Yield the rules with two premises, the last about the predicate again: some arguments stay, the last change."""
    for rule in predicate.signatures:
        result = application(rule.result)
        premises = [application(text) for text in rule.arguments[rule.named :]]
        if len(premises) == 2 and result[:1] == premises[1][:1]:
            first, again = premises
            pairs = zip(result, again, strict=False)
            same = next((place for place, (a, b) in enumerate(pairs) if a != b), len(result))
            moving = len(result) - same
            if len(again) == len(result) and same > 1 and moving and first[:-moving] != again[:same]:
                yield Step(rule, result, first, again, same)


def _laws(predicate: Inductive, step: Step) -> Iterator[str]:
    """Yield the statement and the proof of each law."""
    moving = len(step.result) - step.same
    kept, ends = step.again[: step.same], (step.first[-moving:], step.again[-moving:])
    for second in (step.first[:-moving], kept):
        premises = [" ".join([*kept, *ends[0]]), " ".join([*second, *ends[1]])]
        yield _law(predicate, step, premises)


def _law(predicate: Inductive, step: Step, premises: list[str]) -> str:
    binders = " ".join(filter(None, [predicate.parameters, step.rule.binders]))
    result = " ".join(step.result)
    fixed = [word for word in step.again[1 : step.same] if not word.isidentifier()]
    first, equations = premises[0], []
    for number, word in enumerate(fixed):  # there is no induction on `Matches (star r) u`
        first = first.replace(word, f"at_{number}", 1)
        equations.append(f"at_{number} = {word}")
    new = "".join(f" {{at_{number}}}" for number in range(len(fixed)))
    rules = ", ".join(defined(rule.name) for rule in predicate.signatures)
    ends = (f"(have := {use}; grind)" for use in _uses(predicate, step))
    return "\n".join(
        [
            f"∀ {binders}, {' → '.join([*premises, result])} := by",
            f"    have general : ∀ {binders}{new}, {' → '.join([first, *equations, premises[1], result])} := by",
            "      intros",
            f"      rename_i h {'_ ' * len(equations)}k",
            f"      induction h <;> first | {' | '.join([f'grind [{rules}]', *ends])}",
            "    intros",
            "    apply general <;> first | assumption | rfl",
        ]
    )


def _uses(predicate: Inductive, step: Step) -> Iterator[str]:
    """Yield the rule applied to a hypothesis and to each rule without premises."""
    for rule in predicate.signatures:
        if len(rule.arguments) == rule.named and application(rule.result)[: step.same] == step.again[: step.same]:
            start = " ".join([defined(rule.name), *["_"] * rule.named])
            given = " ".join([*["_"] * step.rule.named, "k", f"({start})"])
            yield f"{defined(step.rule.name)} {given}"
