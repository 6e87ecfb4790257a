"""Groups, as a first course states them: an operation that associates, a unit and inverses, perhaps on one side only.

From the axioms follow the other side, cancellation, and what is inverse to what. Each law is proved from the few
instances of associativity that it needs; automation, which finds none of them, then calculates with the laws.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from prover.policies.scope import bare, fresh, function_variables
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

MOST_ELEMENTS = 3
MOST_INSTANCES = 16
COSETS = 0.95
LEFT, RIGHT = "left", "right"


@dataclass(frozen=True, slots=True)
class Law:
    """What holds in a group, what its proof introduces, and the instances of associativity that the proof needs."""

    name: str
    statement: str
    variables: str
    instances: tuple[str, ...]


AGAIN = "({inv} x) x ({inv} x)"
OTHER_SIDE = {
    LEFT: (
        Law(
            "right_inverse",
            "∀ x, {op} x ({inv} x) = {e}",
            "x",
            ("({inv} ({inv} x)) ({inv} x) ({op} x ({inv} x))", AGAIN),
        ),
        Law("right_unit", "∀ x, {op} x {e} = x", "x", ("x ({inv} x) x",)),
    ),
    RIGHT: (
        Law(
            "left_inverse",
            "∀ x, {op} ({inv} x) x = {e}",
            "x",
            ("({op} ({inv} x) x) ({inv} x) ({inv} ({inv} x))", AGAIN),
        ),
        Law("left_unit", "∀ x, {op} {e} x = x", "x", ("x ({inv} x) x",)),
    ),
}
"""By the side on which unit and inverses are given: the laws of the other."""
FURTHER = (
    Law("cancel_left", "∀ x y z, {op} x y = {op} x z → y = z", "x y z h", ("({inv} x) x y", "({inv} x) x z")),
    Law("cancel_right", "∀ x y z, {op} y x = {op} z x → y = z", "x y z h", ("y x ({inv} x)", "z x ({inv} x)")),
    Law("inverse_left", "∀ x y, {op} x y = {e} → x = {inv} y", "x y h", ("x y ({inv} y)",)),
    Law("inverse_right", "∀ x y, {op} x y = {e} → y = {inv} x", "x y h", ("({inv} x) x y",)),
    Law(
        "inverse_of_product",
        "∀ x y, {inv} ({op} x y) = {op} ({inv} y) ({inv} x)",
        "x y",
        ("x y ({op} ({inv} y) ({inv} x))", "y ({inv} y) ({inv} x)"),
    ),
    Law(
        "quotients_left",
        "∀ x y z, {op} ({op} ({inv} x) y) ({op} ({inv} y) z) = {op} ({inv} x) z",
        "x y z",
        ("({inv} x) y ({op} ({inv} y) z)", "y ({inv} y) z"),
    ),
    Law(
        "quotients_right",
        "∀ x y z, {op} ({op} x ({inv} y)) ({op} y ({inv} z)) = {op} x ({inv} z)",
        "x y z",
        ("x ({inv} y) ({op} y ({inv} z))", "({inv} y) y ({inv} z)"),
    ),
    Law("inverse_twice", "∀ x, {inv} ({inv} x) = x", "x", ()),
    Law("idempotent", "∀ x, {op} x x = x → x = {e}", "x h", ("({inv} x) x x",)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Names of the operation, the unit, the inverse and associativity; the type; the sides that axioms are about."""

    op: str
    e: str
    inv: str
    assoc: str
    type: Term
    sides: frozenset[str]


def groups(view: GoalView) -> Iterator[Weighted]:
    """The laws of each group in scope, then automation; also at the instances that homomorphisms and products need."""
    found = list(groups_in(view))
    if not found:
        return
    laws = [line for number, group in enumerate(found) for line in laws_of(view, group, number)]
    laws += [line for group in found for line in _subgroups(view, group)]
    if view.target.head == "Equivalence":  # being in one coset, conjugate
        yield "\n".join([*laws, "constructor <;> grind"]), COSETS
        return
    yield "\n".join([*laws, "grind"]), 0.20
    instances = [f"have := {line}" for group in found for line in _instances(view, group)]
    if instances:
        yield "\n".join([*laws, *instances[:MOST_INSTANCES], "grind"]), 0.10
    match view.target:
        case Term("∃", (domain, _)):
            for group in found:
                ways = " | ".join(f"exact ⟨{text}, by grind⟩" for text in _quotients(view, group))
                if bare(domain) == group.type and ways:
                    yield "\n".join([*laws, f"first | {ways}"]), 0.10


def groups_in(view: GoalView) -> Iterator[Group]:
    """Find the operations that have the axioms of a group."""
    functions = [(name, arguments, result) for name, arguments, result in function_variables(view)]
    for op, arguments, result in functions:
        if arguments != [result, result]:
            continue
        axioms = [(fact.name, *each) for fact in view.facts if accessible(fact.name) for each in equations(fact.term)]
        assoc = next((name for name, left, right in axioms if _associates(op, left, right)), None)
        inverses = [name for name, given, value in functions if given == [result] and value == result]
        units = [name for name, kind in view.variables.items() if bare(kind) == result and accessible(name)]
        for e, inv in itertools.product(units, inverses):
            unit = {side for _, left, right in axioms for side in _unit_sides(op, e, left, right)}
            inverse = {side for _, left, right in axioms for side in _inverse_sides(op, e, inv, left, right)}
            if assoc and unit & inverse:
                yield Group(op, e, inv, assoc, result, frozenset(unit & inverse))


def equations(term: Term) -> Iterator[tuple[Term, Term]]:
    """Yield both sides of the equations that a statement consists of, below its `∀`."""
    match term:
        case Term("∀", (_, body)):
            yield from equations(body)
        case Term("∧", (left, right)):
            yield from equations(left)
            yield from equations(right)
        case Term("=", (left, right)):
            yield left, right
            yield right, left


def applied(op: str, term: Term) -> tuple[Term, Term] | None:
    """Return both arguments, if it is an application of that operation."""
    match term:
        case Term("apply", (Term(head=head, variable=True), a, b)) if head == op:
            return a, b
    return None


def _associates(op: str, left: Term, right: Term) -> bool:
    """Is it `op (op x y) z = op x (op y z)`?"""
    match applied(op, left), applied(op, right):
        case (first, z), (x, second):
            match applied(op, first), applied(op, second):
                case (x1, y1), (y2, z2):
                    return (x, y1, z) == (x1, y2, z2)
    return False


def _unit_sides(op: str, e: str, left: Term, right: Term) -> Iterator[str]:
    match applied(op, left):
        case a, b:
            if a.is_variable(e) and b == right and right.variable:
                yield LEFT
            if b.is_variable(e) and a == right and right.variable:
                yield RIGHT


def _inverse_sides(op: str, e: str, inv: str, left: Term, right: Term) -> Iterator[str]:
    match applied(op, left):
        case a, b if right.is_variable(e):
            if a.argument_of(inv) == b:
                yield LEFT
            if b.argument_of(inv) == a:
                yield RIGHT


def laws_of(view: GoalView, group: Group, number: int) -> Iterator[str]:
    """Yield the lines that prove the laws."""
    given = {"op": group.op, "e": group.e, "inv": group.inv}
    for law, name in named_laws(view, group, number).items():
        yield f"have {name} : {law.statement.format(**given)} := by"
        yield f"  intro {law.variables}"
        yield from (f"  have := {group.assoc} {instance.format(**given)}" for instance in law.instances)
        yield "  grind"


def named_laws(view: GoalView, group: Group, number: int = 0) -> dict[Law, str]:
    """Return the laws that are no axioms, and what they are called; `number` tells groups apart."""
    missing = [] if len(group.sides) == 2 else OTHER_SIDE[next(iter(group.sides))]
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    return {law: fresh(f"{law.name}_{number}" if number else law.name, taken) for law in (*missing, *FURTHER)}


def _instances(view: GoalView, group: Group) -> Iterator[str]:
    """Yield homomorphisms at inverses and units, and hypotheses about one element at quotients."""
    quotients = list(_quotients(view, group))
    own = elements(view, group)
    pairs = [*itertools.product(own, [f"({group.inv} {x})" for x in own])]
    pairs += [(f"({group.inv} {x})", x) for x in own] + [(group.e, group.e)]
    for fact in view.facts:
        match fact.term:
            case Term("∀", (domain, _)) if bare(domain) != group.type or not accessible(fact.name):
                continue
            case Term("∀", (_, Term("∀", (_, Term("=", (Term("apply", (_, product)), _)))))) if applied(
                group.op, product
            ):
                yield from (f"{fact.name} {a} {b}" for a, b in pairs)
            case Term("∀", (_, Term("→"))):
                yield from (f"{fact.name} ({quotient})" for quotient in quotients)


def _subgroups(view: GoalView, group: Group) -> Iterator[str]:
    """Yield what a set that is closed under the operation says of quotients: from x to y, from y to z, from x to z."""
    for number, fact in enumerate(fact for fact in view.facts if accessible(fact.name)):
        match fact.term:
            case Term("∀", (_, Term("∀", (_, Term("→", (_, Term("→", (_, Term("apply", (h, product)))))))))) if (
                h.variable and applied(group.op, product)
            ):
                for side, text in ((LEFT, "{op} ({inv} {x}) {y}"), (RIGHT, "{op} {x} ({inv} {y})")):
                    a, b, c = (
                        f"{h.head} ({text.format(op=group.op, inv=group.inv, x=x, y=y)})" for x, y in ("xy", "yz", "xz")
                    )
                    yield f"have chain_{side}_{number} : ∀ x y z, {a} → {b} → {c} := by"
                    yield f"  intro x y z h k\n  have := {fact.name} _ _ h k\n  grind"


def elements(view: GoalView, group: Group) -> list[str]:
    """Return the latest variables of the group's type, other than the unit."""
    own = [name for name, kind in view.variables.items() if bare(kind) == group.type and accessible(name)]
    return [name for name in own if name != group.e][-MOST_ELEMENTS:]


def _quotients(view: GoalView, group: Group) -> Iterator[str]:
    for a, b in itertools.permutations(elements(view, group), 2):
        yield f"{group.op} {a} ({group.inv} {b})"
        yield f"{group.op} ({group.inv} {a}) {b}"
