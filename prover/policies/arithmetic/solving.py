"""Witnesses by solving the equation that they have to satisfy, and from bounds.

`∃ k, a * b = 2 * k + 1`, `d ∣ a * b`: hypotheses of that form are opened first (`a = 2 * k + 1`), then what remains is
divided by the witness's coefficient. `∃ n, m < n ∧ …`: numbers above all bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import NamedTuple

from prover.policies.arithmetic.polynomial import Monomial, Polynomial, polynomial
from prover.policies.arithmetic.quotients import LARGEST_DIVISOR, combinations, quotients
from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted, literals, put
from prover.policies.texts import accessible

NUMBERS = {"Nat", "Int"}
ABOVE = ("{} + 1", "{}", "2 * {}", "2 * {} + 1", "2 * {} + 2", "{} * {} + 1", "{} / 2", "{} - 1")
PAIRS = ("max {} {}", "min {} {}", "{} + {}", "{} + {} + 1", "{} * {}", "{} - {}", "({} + {}) / 2")
RATIONAL = ("({} + {}) / 2",)
RATIONAL_ALONE = ("{} + 1", "{} - 1", "{} / 2", "2 * {}")
MULTIPLES = ("{0} * {1} + {0}", "{0} * {1}", "{0} * {1} + 1", "{0} * ({1} / {0}) + {0}")
MOST_OPENED = 6


def solving(view: GoalView) -> Iterator[Weighted]:
    """Witnesses of `∃` and `∣`, computed."""
    match view.target:
        case Term("∃", (Term("Nat" | "Int" | "Rat" as kind), body), name=name):
            yield from _solved(view, name, body)
            yield from _bounded(view, kind, body)
            yield from quotients(view, name, body)
            yield from combinations(name, body)
        case Term("∣", (divisor, whole), type="Nat" | "Int"):
            yield from ((text, 0.20) for text in divided(view, divisor, whole))


def divided(view: GoalView, divisor: Term, whole: Term) -> Iterator[str]:
    """Yield tactics that prove `divisor ∣ whole` by the quotient."""
    unknown = fresh("k", view.variables)
    product = Term("*", (divisor, Term(unknown, variable=True)), type=whole.type)
    yield from (text for text, _ in _solved(view, unknown, Term("=", (whole, product), type=whole.type)))


class Opened(NamedTuple):
    """Lines that open hypotheses, and what variables then stand for."""

    lines: list[str]
    values: dict[str, Polynomial]


def _opened(view: GoalView, unknown: str) -> Opened:
    lines: list[str] = []
    taken = {*view.variables, unknown}
    equations: list[Term] = []
    for fact in view.facts:
        if not accessible(fact.name) or len(lines) == MOST_OPENED:
            continue
        name = fresh("k", taken)
        variable = Term(name, variable=True)
        match fact.term:
            case Term("∃", (Term(kind), Term("=", sides) as body)) if kind in NUMBERS:
                equations.append(
                    Term("=", tuple(put(side, fact.term.name, variable) for side in sides), type=body.type)
                )
            case Term("∣", (divisor, whole), type="Nat" | "Int" as kind):
                equations.append(Term("=", (whole, Term("*", (divisor, variable), type=kind)), type=kind))
            case Term("=") as equation:
                equations.append(equation)
                continue
            case _:
                continue
        taken.add(name)
        lines.append(f"obtain ⟨{name}, h_{name}⟩ := {fact.name}")
    return Opened(lines, _values(equations))


def _values(equations: list[Term]) -> dict[str, Polynomial]:
    """What variables stand for by equations `x = …` and, of integers, `x - y = …`, put into one another."""
    values: dict[str, Polynomial] = {}
    for equation in equations:
        for name, value in _solved_for(equation, values):
            if name not in values and not any(name in monomial for monomial in value.terms):
                solved = {name: value}
                values = {known: _substituted(stands, solved) for known, stands in values.items()} | solved
                break
    return values


def _solved_for(equation: Term, values: dict[str, Polynomial]) -> Iterator[tuple[str, Polynomial]]:
    """Yield variables with what they are by an equation: a side of it, or the one term of degree 1 with it."""
    left, right = equation.args
    with suppress(ValueError):
        for this, other in ((left, right), (right, left)):
            if this.variable and this.head not in other.variables:
                yield this.head, polynomial(other, values)
        if equation.type == "Int":
            difference = polynomial(left, values) - polynomial(right, values)
            for monomial, coefficient in difference.terms.items():
                if len(monomial) == 1 and abs(coefficient) == 1:
                    rest = Polynomial({m: c for m, c in difference.terms.items() if m != monomial})
                    yield monomial[0], -rest if coefficient == 1 else rest


def _substituted(known: Polynomial, solved: dict[str, Polynomial]) -> Polynomial:
    found = Polynomial.constant(0)
    for monomial, coefficient in known.terms.items():
        product = Polynomial.constant(coefficient)
        for name in monomial:
            product = product * solved.get(name, Polynomial.variable(name))
        found = found + product
    return found


def _solved(view: GoalView, name: str, body: Term) -> Iterator[Weighted]:
    equation = next((part for part in body.joined_by("∧", "∨") if part.head == "=" and name in part.variables), None)
    if equation is None:
        return
    opened = _opened(view, name)
    opening = "".join(f"{line}\n" for line in opened.lines)
    for witness in _solutions(equation, name, opened.values):
        yield f"{opening}refine ⟨{witness}, ?_⟩\nfirst | grind | (subst_vars; grind) | omega", 0.20


def _solutions(equation: Term, name: str, values: dict[str, Polynomial]) -> Iterator[str]:
    """Yield what `name` is by an equation that is linear in it, or says what its square is."""
    try:
        left, right = (polynomial(side, values) for side in equation.args)
        difference = left - right
    except ValueError:
        return
    unknown = {m: c for m, c in difference.terms.items() if name in m}
    rest = -Polynomial({m: c for m, c in difference.terms.items() if name not in m})
    if len(unknown) > 1:
        yield from _by_a_sum(rest, unknown, name)
    if len(unknown) != 1:
        return
    ((monomial, coefficient),) = unknown.items()
    if monomial == (name, name):
        square = rest.divided_by((), coefficient)
        root = square.square_root() if square else None
        if root is not None:
            yield root.text
        return
    if monomial.count(name) != 1:
        return
    others = tuple(factor for factor in monomial if factor != name)
    quotient = rest.divided_by(others, coefficient)
    if quotient is not None:
        yield quotient.text
    elif not others and coefficient.denominator == 1:
        whole = rest if coefficient > 0 else -rest
        yield f"{whole.text if whole.is_atom else f'({whole.text})'} / {abs(coefficient)}"


def _by_a_sum(rest: Polynomial, unknown: Mapping[Monomial, Fraction], name: str) -> Iterator[str]:
    """Yield the quotient where the unknown is multiplied by a sum."""
    if all(monomial.count(name) == 1 for monomial in unknown):
        divisor = Polynomial({tuple(f for f in monomial if f != name): c for monomial, c in unknown.items()})
        with suppress(ValueError):  # on the way it grows too large
            quotient = rest.quotient(divisor)
            if quotient is not None:
                yield quotient.text


def _bounded(view: GoalView, kind: str, body: Term) -> Iterator[Weighted]:
    """Numbers above, below and between the variables that the goal mentions."""
    names = [
        name for name, type_ in view.numbers.items() if type_ == kind and name in body.variables and accessible(name)
    ]
    if not names or not any(part.head in {"≤", "<", "%", "∣", "="} for part in body):
        return
    alone, together = (RATIONAL_ALONE, RATIONAL) if kind == "Rat" else (ABOVE, PAIRS)
    values = [form.format(name, name) for name in names[:2] for form in alone]
    if kind != "Rat":
        divisors = [number for number in literals([body]) if 1 < number <= LARGEST_DIVISOR][:2]
        values += [form.format(d, names[0]) for d in divisors for form in MULTIPLES]
    if len(names) > 1:
        values += [form.format(names[0], names[1]) for form in together]
        values += [form.format(names[1], names[0]) for form in together[-2:]]
    finish = "grind" if kind == "Rat" else "omega"
    yield "first | " + " | ".join(f"exact ⟨{value}, by {finish}⟩" for value in values), 0.10
    if kind != "Rat":
        yield "first | " + " | ".join(f"exact ⟨{value}, by grind⟩" for value in values), 0.03
        lists = "Nat.mul_pos, Nat.dvd_mul_right, Nat.dvd_mul_left"
        yield "first | " + " | ".join(f"exact ⟨{value}, by simp_all [{lists}]; done⟩" for value in values), 0.02
