"""Predicates that the header defines by rules: induction on a hypothesis, its last rule, and the rules themselves.

The induction is general over what other hypotheses are about, and these are inverted in each case (two derivations of
one thing). A relation gets its law on the way: a step at the end, two chains joined, one step against many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from prover.policies.terms import FALSE, Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, is_type, listed, written

MOST_HYPOTHESES = 3
MOST_RELATIONS = 2


def rule_induction(view: GoalView) -> Iterator[Weighted]:
    """Induction and inversion on hypotheses about the header's predicates. Where one is none, this fails at once."""
    names = listed(view.cited)
    facts = [fact for fact in view.facts if _head(fact.term) in view.definitions and accessible(fact.name)]
    finish = f"first | grind [{names}] | (constructor <;> first | assumption | constructor | grind [{names}])"
    for place, fact in enumerate(facts[:MOST_HYPOTHESES]):
        weight = 0.7**place
        yield f"induction {fact.name} <;> grind [{names}]", 0.06 * weight
        if (predicate := _head(fact.term)) not in view.cited:  # with all case distinctions
            yield f"induction {fact.name} <;> grind [{defined(predicate)}, {names}]", 0.03 * weight
            yield f"cases {fact.name} <;> grind [{defined(predicate)}, {names}]", 0.02 * weight
        yield from ((tactic, guess * weight) for tactic, guess in _with_terms_named(view, fact, names))
        yield f"induction {fact.name} <;> {finish}", 0.07 * weight
        yield f"induction {fact.name} <;> simp_all [{names}]", 0.02 * weight
        yield f"cases {fact.name} <;> grind [{names}]", 0.03 * weight
        others = [other.name for other in facts if other is not fact and "." not in other.name]
        if general := _general(view, fact):
            opening = f"induction {fact.name} generalizing {' '.join(general)}"
            yield f"{opening} <;> grind [{names}]", 0.05 * weight
            yield from ((f"{opening} <;> cases {other} <;> grind [{names}]", 0.07 * weight) for other in others[:2])
            if view.target.head == "=":  # nothing is to be derived
                functions = listed(view.header.unfolded(view.definitions))
                yield from ((f"{opening} <;> cases {k} <;> grind [{functions}]", 0.15 * weight) for k in others[:2])
            yield from ((f"{law}\n{opening} <;> grind [{names}]", 0.06 * weight) for law in _strips(view, fact, names))
            yield f"set_option tactic.hygienic false in {opening}", 0.03 * weight
        # The cases get names that tactics can write.
        yield f"set_option tactic.hygienic false in induction {fact.name}", 0.006 * weight
        yield f"set_option tactic.hygienic false in cases {fact.name}", 0.006 * weight
        yield from ((f"{law}\ninduction {fact.name} <;> {finish}", 0.05 * weight) for law in _laws(view, facts, names))
        if view.target.head in {"∃", "∨"} and (steps := _possible_steps(view, fact)):
            yield steps, 0.10 * weight
    if _head(view.target) in view.definitions:
        yield from _results_put_in(view, names)
        yield f"solve_by_elim [{names}]", 0.01
        yield "constructor <;> first | assumption | grind", 0.01


def _head(term: Term) -> str:
    return "" if term.variable or not term.args else term.head


def _with_terms_named(view: GoalView, fact: Fact, names: str) -> Iterator[Weighted]:
    """Induction on `P (f x) y`, of which Lean has none, after giving `f x` a name."""
    lines = named_terms(view, fact)
    if not lines or "." in fact.name:
        return
    general = _general(view, fact)
    every_last_rule = ", ".join([defined(_head(fact.term)), names])
    for generalizing in ("", f" generalizing {' '.join(general)}") if general else ("",):
        opening = "\n".join([*lines, f"induction {fact.name}{generalizing}"])
        yield f"{opening} <;> grind [{names}]", 0.09
        yield f"{opening} <;> grind [{every_last_rule}]", 0.05
        yield f"set_option tactic.hygienic false in {opening.replace(chr(10), '; ')}", 0.008


def named_terms(view: GoalView, fact: Fact) -> list[str]:
    """Return lines that give each argument that is no variable a name."""
    lines: list[str] = []
    for place, arg in enumerate(arg for arg in fact.term.args if not is_type(view, arg)):
        if not arg.variable:
            with suppress(ValueError):
                lines.append(f"generalize is_at_{place} : {written(view, arg)} = at_{place} at {fact.name}")
    return lines


def _possible_steps(view: GoalView, fact: Fact) -> str:
    """Return an induction whose hypotheses say that something is possible: a rule makes it possible here; "" for none.

    What is a value, so that no step is possible, is told apart by its rules (at most two of them in a step).
    """
    possible = [part for whole in view.target if whole.head == "∃" for part in whole if part.head in view.header.rules]
    wanted = [part.head for part in possible]
    rules = [defined(rule) for name in dict.fromkeys(wanted) for rule in view.header.rules[name]]
    if not rules:
        return ""
    others = [part for part in view.target if part.head in view.header.rules and part.head not in wanted]
    apart = [f"all_goals try cases ‹{_with_gaps(view, part)}›" for part in others[:1]] * 2
    closed = "first | assumption | (constructor <;> assumption)"
    made = " | ".join(f"(apply {rule} <;> {closed}; done)" for rule in rules)
    step = f"((first | apply Exists.intro | (right; apply Exists.intro)); first | {made})"
    told_apart = [name for name in view.header.rules if name not in wanted]
    names = listed([*told_apart, *view.header.cited(view.header.rules), *view.header.unfolded(view.definitions)])
    return "\n".join(
        [
            f"induction {fact.name}",
            "all_goals repeat' cases ‹_ ∨ _›",
            "all_goals repeat' cases ‹∃ _, _›",
            *([f"all_goals try {step}", *apart] if apart else []),
            f"all_goals first | contradiction | {step} | (left; constructor <;> {closed}; done) | grind [{names}]",
        ]
    )


def _with_gaps(view: GoalView, term: Term) -> str:
    return " ".join([defined(term.head), *("_" for arg in term.args if not is_type(view, arg))])


def _results_put_in(view: GoalView, names: str) -> Iterator[Weighted]:
    """`f x = y` where `P x y` is to be shown: `P x (f x)`, by induction on x."""
    for fact in view.facts:
        match fact.term:
            case Term("=", (left, right)) if fact.name.isidentifier() and (left.variable or right.variable):
                for x in [name for name in sorted(left.variables | right.variables) if name in view.variables]:
                    if view.variables[x].head in {"List", "Nat", *view.header.types} and accessible(x):
                        yield f"subst {fact.name}\ninduction {x} <;> grind [{names}]", 0.08


def _general(view: GoalView, fact: Fact) -> list[str]:
    """Return the variables that the hypothesis does not mention and others or the target do.

    No types, and functions only where another hypothesis about one of the predicates has them, as states of a program.
    """
    own = fact.term.variables
    elsewhere = {name for term in view.terms for name in term.variables}
    states = {arg.head for other in view.facts if other.term.head in view.header.rules for arg in other.term.args}
    return [
        name
        for name, kind in view.variables.items()
        if name in elsewhere - own
        and accessible(name)
        and (kind.head not in {"Sort", "→"} or (kind.head == "→" and name in states))
    ]


def _laws(view: GoalView, facts: Sequence[Fact], names: str) -> Iterator[str]:
    """Yield lemmas about relations `P r : α → α → Prop`: `r x y` before or after `P r y z`, and transitivity."""
    finish = f"first | grind [{names}] | (constructor <;> first | assumption | constructor | grind [{names}])"
    for r, many in list(dict.fromkeys(_relation(view, fact) for fact in facts))[:MOST_RELATIONS]:
        if not r:
            continue
        for first, second in ((f"{many} x y", f"{r} y z"), (f"{many} x y", f"{many} y z")):
            yield (
                f"have law : ∀ {{x y z}}, {first} → {second} → {many} x z := by\n"
                f"  intro x y z h k\n  induction h <;> {finish}"
            )


def _strips(view: GoalView, fact: Fact, names: str) -> Iterator[str]:
    """Yield the lemma that one step and many meet again, where two single steps do."""
    r, many = _relation(view, fact)
    if r and any(_is_diamond(other.term, r) for other in view.facts):
        yield (
            f"have strip : ∀ {{x y z}}, {many} x y → {r} x z → ∃ w, {r} y w ∧ {many} z w := by\n"
            f"  intro x y z h k\n  induction h generalizing z <;> grind [{names}]"
        )


def _relation(view: GoalView, fact: Fact) -> tuple[str, str]:
    """Return `r` and `P r` of a fact `P r x y` about a relation r in scope; else nothing."""
    given = [arg for arg in fact.term.args if not is_type(view, arg)]
    if len(given) != 3 or not given[0].variable or view.variables.get(given[0].head, FALSE).head != "→":
        return "", ""
    return given[0].head, f"{defined(_head(fact.term))} {given[0].head}"


def _is_diamond(term: Term, r: str) -> bool:
    """Is it `∀ x y z, r x y → r x z → ∃ w, …`?"""
    while term.head == "∀":
        term = term.args[1]
    match term:
        case Term("→", (first, Term("→", (second, Term("∃"))))):
            return all(step.head == "apply" and step.args[0].is_variable(r) for step in (first, second))
    return False
