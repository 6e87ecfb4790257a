"""Inequalities of any degree: products of the hypotheses, the denied goal and squares that add up to -1.

Which products take part, linear programming says (Positivstellensatz); Lean proves that none of them is negative, and
automation adds them up. Where there is no such sum, two variables are compared first, and each case has its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from prover.policies.arithmetic.nonnegative_combinations import parts_of
from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import written

GREATEST_DEGREE = 6
MOST_VARIABLES = 4
MOST_FACTORS = 7
MOST_PARTS = 160
MOST_COMPARED = 6
SQUARE = "Int.pow_nonneg_of_even (by decide)"
MINUS_ONE = Polynomial.constant(-1)


@dataclass(frozen=True, slots=True)
class Part:
    """A polynomial that is not negative (or zero, times anything), its text, and a term that proves that."""

    value: Polynomial
    text: str
    proof: str


def certificates(view: GoalView) -> Iterator[Weighted]:
    """`p ≤ q`, `p < q`, one of several such, `p = q`, or a contradiction: integers and naturals, degree 2 to 6."""
    match view.target:
        case Term("=", sides, type="Int" | "Nat" as kind):
            if any(fact.term.upright.head in {"≤", "<"} for fact in view.facts):
                blocks: list[str] = []
                for order in (sides, sides[::-1]):
                    half = next(_certificates(replace(view, target=Term("≤", order, type=kind))), None)
                    if half is None:
                        return
                    blocks.append("· " + half[0].replace("\n", "\n  "))
                yield "\n".join([f"refine {kind}.le_antisymm ?_ ?_", *blocks]), 0.08
        case _:
            yield from _certificates(view)


def _certificates(view: GoalView) -> Iterator[Weighted]:
    claims = [claim.upright for claim in view.target.joined_by("∨")]
    if any(claim.head not in {"≤", "<", "False"} for claim in claims):
        return
    facts = [fact.term.upright for fact in view.facts]
    opening = []
    if view.target.head != "False":
        opening = ["refine Classical.byContradiction fun hc => ?_"]
        facts = [*(Term.negation(claim).upright for claim in claims), *facts]
    kind = next((term.type for term in facts if term.type in {"Int", "Nat"}), "")
    factors = [factor for term in facts if kind for factor in _factors(view, term, kind)]
    names = sorted({name for factor in factors for monomial in factor.value.terms for name in monomial})
    degree = max((factor.value.degree for factor in factors), default=0)
    if not 2 <= degree <= GREATEST_DEGREE or not 1 <= len(names) <= MOST_VARIABLES:
        return
    if kind == "Nat":
        factors += [Part(Polynomial.variable(name), name, "(by omega)") for name in names]
    if lines := _refutation(factors[:MOST_FACTORS], names, degree):
        yield "\n".join([*opening, *lines]), 0.12
        return
    for a, b in itertools.islice(itertools.permutations(names, 2), MOST_COMPARED):
        x, y = Polynomial.variable(a), Polynomial.variable(b)
        smaller = Part(y - x + MINUS_ONE, f"{b} - {a} - 1", "(by omega)")
        larger = Part(x - y, f"{a} - {b}", "(by omega)")
        cases = [_refutation([case, *factors][:MOST_FACTORS], names, degree) for case in (smaller, larger)]
        if all(cases):
            branches = ["· " + "\n  ".join(lines) for lines in cases if lines]
            yield "\n".join([*opening, f"rcases Int.lt_or_le {a} {b} with hs | hs", *branches]), 0.08
            return


def _factors(view: GoalView, term: Term, kind: str) -> Iterator[Part]:
    """Yield what a hypothesis says is not negative."""
    if term.head not in {"≤", "<", "="} or term.type != kind:
        return

    def atom(part: Term) -> Polynomial:
        text = written(view, part)
        if kind == "Nat":
            text = f"({text} : Int)" if part.variable else f"(({text} : Nat) : Int)"
        return Polynomial.variable(text)

    try:
        left, right = (polynomial(arg, {}, atom) for arg in term.args)
        a, b = (written(view, arg) for arg in term.args)
    except ValueError:
        return
    if kind == "Nat":
        a, b = f"(({a} : Nat) : Int)", f"(({b} : Nat) : Int)"
    differences = [(right - left, b, a)]
    if term.head == "=":
        differences.append((left - right, a, b))
    for value, more, less in differences:
        strict = term.head == "<"
        yield Part(value + MINUS_ONE if strict else value, f"{more} - {less}{' - 1' * strict}", "(by omega)")


def _refutation(factors: Sequence[Part], names: Sequence[str], degree: int) -> list[str] | None:
    """Return lines that close the goal, if products of the factors add up to -1."""
    parts = list(itertools.islice(_parts(factors, names, degree), MOST_PARTS))
    chosen = parts_of(MINUS_ONE, [part.value for part in parts])
    if chosen is None:
        return None
    lines = [
        f"have part{i} : 0 ≤ {parts[number].text} := {parts[number].proof[1:-1]}" for i, number in enumerate(chosen)
    ]
    return [*lines, "grind"]


def _parts(factors: Sequence[Part], names: Sequence[str], degree: int) -> Iterator[Part]:
    """Yield the factors, squares, and products of these, the simplest first."""
    squares = [_square(form) for form in _forms(names)]
    yield from factors
    yield from squares
    pairs = list(itertools.combinations_with_replacement(factors, 2))
    pairs += itertools.product(factors, squares)
    products = [product for pair in pairs if (product := _product(pair, degree + 1))]
    products += [_square(form) for form in _quadratic(names) if degree > 2]
    triples = itertools.combinations_with_replacement(factors, 3)
    products += [product for triple in triples if (product := _product(triple, degree + 1))]
    yield from sorted(products, key=lambda part: part.value.degree)


def _forms(names: Sequence[str]) -> Iterator[Polynomial]:
    variables = [Polynomial.variable(name) for name in names]
    yield from variables
    for x, y in itertools.combinations(variables, 2):
        yield from (x - y, x + y)
    for x in variables:
        yield from (x + MINUS_ONE, x - MINUS_ONE)


def _quadratic(names: Sequence[str]) -> Iterator[Polynomial]:
    products = [Polynomial.of([(pair, Fraction(1))]) for pair in itertools.combinations_with_replacement(names, 2)]
    for x, y in itertools.combinations(products, 2):
        yield from (x - y, x + y)
    yield from products


def _square(form: Polynomial) -> Part:
    return Part(form * form, f"({form.text}) ^ 2", f"({SQUARE})")


def _product(parts: Sequence[Part], most_degree: int) -> Part | None:
    first, *others = parts
    if sum(part.value.degree for part in parts) > most_degree:
        return None
    for other in others:
        try:
            value = first.value * other.value
        except ValueError:  # too many terms
            return None
        first = Part(value, f"({first.text}) * ({other.text})", f"(Int.mul_nonneg {first.proof} {other.proof})")
    return first
