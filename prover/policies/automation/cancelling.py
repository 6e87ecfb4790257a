"""Calculation in groups and rings: equations in normal form, and what both sides begin or end with cancelled.

Hypotheses are stated at elements, sums, products and differences; products are multiplied out, brackets moved, inverses
moved inwards. What is left after cancelling is short enough for automation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from prover.policies.automation.groups import Group, applied, elements, equations, groups_in, laws_of, named_laws
from prover.policies.scope import bare, fresh, function_variables
from prover.policies.terms import Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible

MOST_INSTANCES = 12
RING = 0.30
"""With two operations automation alone goes astray."""
CANCELLED = {
    "unit_left": ("∀ x y, {op} x y = x ↔ y = {e}", ("({inv} x) x y",)),
    "unit_right": ("∀ x y, {op} y x = x ↔ y = {e}", ("y x ({inv} x)",)),
    "first_goes": ("∀ x y, {op} x ({op} ({inv} x) y) = y", ("x ({inv} x) y",)),
    "second_goes": ("∀ x y, {op} ({inv} x) ({op} x y) = y", ("({inv} x) x y",)),
}
"""What the normal form of an equation rests on, and the instances of associativity that prove it."""
SAME = {
    "same_left": ("∀ x y z, {op} x y = {op} x z ↔ y = z", "cancel_left"),
    "same_right": ("∀ x y z, {op} y x = {op} z x ↔ y = z", "cancel_right"),
}
"""The laws of cancellation as rules, and their names."""
MULTIPLIED = {
    "left": (
        ("mul_zero", "∀ x, {mul} x {e} = {e}", "{dist} x {e} {e}"),
        ("mul_neg", "∀ x y, {mul} x ({inv} y) = {inv} ({mul} x y)", "{dist} x y ({inv} y)"),
    ),
    "right": (
        ("zero_mul", "∀ x, {mul} {e} x = {e}", "{dist} {e} {e} x"),
        ("neg_mul", "∀ x y, {mul} ({inv} x) y = {inv} ({mul} x y)", "{dist} x ({inv} x) y"),
    ),
}
"""By the side from which a product distributes: what follows, and the instance of distributivity that proves it."""


@dataclass
class Calculation:
    """Lines that prove rules, the rules, those for products, and hypotheses that are used up by all that."""

    lines: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    axioms: set[str] = field(default_factory=set)


def cancelling(view: GoalView) -> Iterator[Weighted]:
    """Calculate in each group that is in scope."""
    for group in groups_in(view):
        found = _in_group(view, group)
        commutes = _commutes(view, group, found)
        _in_ring(view, group, found)
        stated = dict(_stated(view, group, found))
        if not stated and not found.products:
            continue
        lines = [*found.lines, *(f"have {name} := {text}" for name, text in stated.items())]
        smaller = [fact.name for fact in view.facts if fact.name not in found.axioms and _is_smaller(fact.term)]
        rules = ", ".join([*found.rules, *smaller])
        places = " ".join(stated)
        passes = [found.products, [group.assoc, rules], *([] if commutes else [[f"← {group.assoc}", rules]])]
        for given in passes:
            if given and stated:
                lines.append(f"all_goals try simp only [{', '.join(given)}] at {places}")
        lines.append(f"all_goals try simp only [{', '.join([*found.products, group.assoc, rules])}]")
        yield "\n".join([*lines, "all_goals grind"]), RING if found.products else 0.10


def _in_group(view: GoalView, group: Group) -> Calculation:
    """Return the laws of the group, and the rules that calculate with them."""
    found = Calculation(list(laws_of(view, group, 0)))
    given = {"op": group.op, "e": group.e, "inv": group.inv}
    called = {law.name: name for law, name in named_laws(view, group).items()}
    for name, (statement, law) in SAME.items():
        proof = f"fun x y z => ⟨{called[law]} x y z, fun h => h ▸ rfl⟩"
        found.lines.append(f"have {name} : {statement.format(**given)} := {proof}")
    for name, (statement, instances) in CANCELLED.items():
        found.lines += [f"have {name} : {statement.format(**given)} := by", "  intro x y"]
        found.lines += [f"  have := {group.assoc} {instance.format(**given)}" for instance in instances] + ["  grind"]
    names = [name for law, name in named_laws(view, group).items() if "→" not in law.statement]
    found.axioms = {group.assoc, *(fact.name for fact in view.facts if _is_axiom(group, fact))}
    found.rules = [*sorted(found.axioms - {group.assoc}), *names, *SAME, *CANCELLED]
    return found


def _is_axiom(group: Group, fact: Fact) -> bool:
    """Is it about the unit or inverses of all elements?"""
    if not accessible(fact.name) or fact.term.head != "∀":
        return False
    for left, right in equations(fact.term):
        parts = applied(group.op, left)
        if parts and (right.is_variable(group.e) or right in parts):
            return any(part.is_variable(group.e) or part.argument_of(group.inv) is not None for part in parts)
    return False


def _commutes(view: GoalView, group: Group, found: Calculation) -> bool:
    for fact in view.facts:
        if _is_commutative(group.op, fact):
            found.axioms.add(fact.name)
            found.rules += [fact.name, "swap"]
            op = group.op
            found.lines.append(f"have swap : ∀ x y z, {op} x ({op} y z) = {op} y ({op} x z) := by")
            found.lines.append(f"  intro x y z\n  rw [← {group.assoc}, {fact.name} x y, {group.assoc}]")
            return True
    return False


def _is_commutative(op: str, fact: Fact) -> bool:
    match fact.term:
        case Term("∀", (_, Term("∀", (_, Term("=", (left, right)))))) if accessible(fact.name):
            one, other = applied(op, left), applied(op, right)
            return one is not None and other is not None and one == other[::-1] and one[0].variable
        case _:
            return False


def _in_ring(view: GoalView, group: Group, found: Calculation) -> None:
    """Add what follows for each product that distributes over the group."""
    given = {"op": group.op, "e": group.e, "inv": group.inv}
    for mul, arguments, result in function_variables(view):
        if mul == group.op or arguments != [group.type] * 2 or result != group.type:
            continue
        sides = {side: fact.name for fact in view.facts for side in _distributes(group.op, mul, fact)}
        swapped = next((fact.name for fact in view.facts if _is_commutative(mul, fact)), None)
        found.axioms |= {*sides.values(), *([swapped] if swapped else [])}
        if swapped and len(sides) == 1:
            _other_side(group.op, mul, sides, found)
        for side, dist in sides.items():
            found.products.append(dist)
            for name, statement, instance in MULTIPLIED[side]:
                text = statement.format(mul=mul, **given)
                found.lines.append(f"have {name} : {text} := by\n  intro {'x y' if 'x y' in text else 'x'}")
                found.lines.append(f"  have := {instance.format(dist=dist, **given)}\n  grind")
                found.products.append(name)
        if swapped and sides:
            found.rules.append(swapped)


def _other_side(op: str, mul: str, sides: dict[str, str], found: Calculation) -> None:
    """Add distributivity from the side that commutativity gives."""
    side, name = next(iter(sides.items()))
    if side == "left":
        statement, instance = f"{mul} ({op} x y) z = {op} ({mul} x z) ({mul} y z)", f"{name} z x y"
    else:
        statement, instance = f"{mul} x ({op} y z) = {op} ({mul} x y) ({mul} x z)", f"{name} y z x"
    found.lines.append(f"have other_side : ∀ x y z, {statement} := by\n  intro x y z\n  have := {instance}\n  grind")
    sides["right" if side == "left" else "left"] = "other_side"


def _distributes(op: str, mul: str, fact: Fact) -> Iterator[str]:
    """Yield the sides from which a hypothesis says that a product distributes."""
    if not accessible(fact.name) or fact.term.head != "∀":
        return
    for left, right in equations(fact.term):
        product, total = applied(mul, left), applied(op, right)
        if product and total and applied(mul, total[0]):
            if applied(op, product[1]) and product[0].variable:
                yield "left"
            elif applied(op, product[0]) and product[1].variable:
                yield "right"


def _stated(view: GoalView, group: Group, found: Calculation) -> Iterator[tuple[str, str]]:
    """Yield hypotheses that are no axioms at elements, with names for them."""
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    texts = [text for fact in view.facts if fact.name not in found.axioms for text in _instances(view, group, fact)]
    for number, text in enumerate(texts[:MOST_INSTANCES]):
        yield fresh(f"at_{number}", taken), text


def _instances(view: GoalView, group: Group, fact: Fact) -> Iterator[str]:
    own = elements(view, group)
    pairs = list(itertools.permutations(own, 2))
    if not accessible(fact.name):
        return
    match fact.term:
        case Term("=", (left, _)) if any(part.is_variable(group.op) for part in left):
            yield fact.name
        case Term("∀", (domain, Term("∀", (_, Term("="))))) if bare(domain) == group.type:
            yield from (f"{fact.name} {a} {b}" for a, b in pairs)
        case Term("∀", (domain, Term("∀", (_, Term("→"))))) if bare(domain) == group.type:
            differences = {(a, b): f"({group.op} {a} ({group.inv} {b}))" for a, b in pairs}
            yield from (f"{fact.name} {a} {differences[b, c]}" for a, b, c in itertools.permutations(own, 3))
            yield from (f"{fact.name} {differences[a, b]} ({group.op} {a} {b})" for a, b in pairs)
        case Term("∀", (domain, Term("="))) if bare(domain) == group.type:
            yield from (f"{fact.name} ({group.op} {a} {b})" for a, b in pairs[:1])
            yield from (f"{fact.name} ({group.op} {a} {a})" for a in (*own, *_product_terms(view, group)))
        case _:
            return


def _product_terms(view: GoalView, group: Group) -> Iterator[str]:
    """Yield products of two variables that the goal mentions, other than in the group."""
    for part in view.target:
        match part:
            case Term("apply", (Term(head=mul), Term(variable=True, head=a), Term(variable=True, head=b))) if (
                mul != group.op
            ):
                yield f"({mul} {a} {b})"


def _is_smaller(term: Term) -> bool:
    """Is it an equation for all elements whose right side is one of the variables?"""
    while term.head == "∀":
        term = term.args[1]
    match term:
        case Term("=", (left, right)):
            return right.variable and not left.variable
        case _:
            return False
