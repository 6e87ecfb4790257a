"""Integer polynomials: squares that are not negative, products that are zero, roots found by evaluation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.arithmetic.shapes import is_nonlinear
from prover.policies.terms import GoalView, Term, Weighted, evaluate

FARTHEST_ROOT = 1_000
MOST_ROOTS = 4
MOST_HINTS = 6


def squares(view: GoalView) -> Iterator[Weighted]:
    """`0 ≤ (a - b) ^ 2` and the like as hints: what an inequality between polynomials mostly follows from."""
    match view.target.upright:
        case Term("≤" | "<", type="Int") as inequality:
            names = [name for name, kind in view.numbers.items() if kind == "Int" and name in inequality.variables]
            if names and is_nonlinear(inequality):
                yield from _hints(names)


def _hints(names: Sequence[str]) -> Iterator[Weighted]:
    pairs = list(itertools.combinations(names, 2))
    differences = [f"{a} - {b}" for a, b in pairs]
    if differences:
        yield _with_squares(differences[:MOST_HINTS], "grind"), 0.08
    yield _with_squares([*names, *differences][:MOST_HINTS], "grind"), 0.03
    if len(names) == 4:  # Cauchy and Schwarz: the differences of products across
        a, b, c, d = names
        crossed = [f"{a} * {d} - {b} * {c}", f"{a} * {c} - {b} * {d}", f"{a} * {b} - {c} * {d}"]
        for cross in crossed:
            yield _with_squares([cross], "grind"), 0.03
    yield _with_squares([f"{a} + {b}" for a, b in pairs[:3]] + [f"{a} - 1" for a in names[:3]], "grind"), 0.02


def _with_squares(terms: Sequence[str], finish: str) -> str:
    hints = (f"have square{i} : 0 ≤ ({term}) ^ 2 := Int.pow_nonneg_of_even (by decide)" for i, term in enumerate(terms))
    return "\n".join([*hints, finish])


def zero_products(view: GoalView) -> Iterator[Weighted]:
    """`a * b = 0` splits into its factors; a polynomial equation in one integer, into its integer roots."""
    for fact in view.facts:
        match fact.term:
            case Term("=", (Term("*"), Term(number=0)), type="Int"):
                split = f"rcases Int.mul_eq_zero.mp {fact.name} with {fact.name} | {fact.name}"
                yield f"{split} <;> omega", 0.08
                yield f"{split} <;> simp_all <;> omega", 0.03
                yield f"{split} <;> grind", 0.03
                yield split, 0.01
        match fact.term:
            case Term("=", type="Int") as equation if len(equation.variables) == 1 and is_nonlinear(equation):
                (name,) = equation.variables
                roots = _roots(equation, name)
                if roots and view.numbers.get(name) == "Int":
                    yield from _factored(name, roots, fact.name)
                    yield from _with_cofactor(equation, name, roots)


def _roots(equation: Term, name: str) -> list[int]:
    span = range(-FARTHEST_ROOT, FARTHEST_ROOT + 1)
    found = (value for value in span if evaluate(equation, {name: value}) is True)
    return list(itertools.islice(found, MOST_ROOTS))


def _with_cofactor(equation: Term, name: str, roots: Sequence[int]) -> Iterator[Weighted]:
    """The integer roots divided out, with what is left as a factor: `2 * x * x + 3 * x = 14`."""
    try:
        rest = polynomial(equation.args[0]) - polynomial(equation.args[1])
    except ValueError:
        return
    for root in roots:
        rest = rest.without_root(name, root)
    if rest.degree:
        product = " * ".join([*(f"({name} - ({root}))" for root in roots), f"({rest.text})"])
        stated = f"have roots : {product} = 0 := by grind\nsimp only [Int.mul_eq_zero] at roots"
        yield "\n".join([stated, *_without_real_roots(rest, name), "first | omega | grind"]), 0.10


def _without_real_roots(rest: Polynomial, name: str) -> Iterator[str]:
    """Yield the square that shows that a quadratic polynomial without real roots is never zero."""
    a, b, c = (rest.terms.get((name,) * degree, 0) for degree in (2, 1, 0))
    if rest.degree == 2 and b * b < 4 * a * c:
        yield f"have : 0 ≤ ({2 * a} * {name} + {b}) ^ 2 := Int.pow_nonneg_of_even (by decide)"


def _factored(name: str, roots: Sequence[int], fact: str) -> Iterator[Weighted]:
    repeated = [*roots, *roots] if len(roots) == 1 else list(roots)
    product = " * ".join(f"({name} - ({root}))" for root in repeated)
    lines = [f"have roots : {product} = 0 := by grind", "simp only [Int.mul_eq_zero] at roots"]
    yield "\n".join([*lines, "omega"]), 0.06
    yield "\n".join([*lines, "grind"]), 0.02
