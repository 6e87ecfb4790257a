"""Witnesses of `∃`, found by evaluation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.terms import GoalView, Term, Weighted, evaluate

REACH = {1: 2000, 2: 60, 3: 16}  # numbers tried for each of so many variables
MOST_VARIABLES = max(REACH)
MOST_FOUND = 2
MOST_NUMBERS = 100
MOST_DIVISOR = 1000


def witnesses(view: GoalView) -> Iterator[Weighted]:
    """`∃ x, P x`: numbers for which P evaluates to true."""
    names: list[tuple[str, str]] = []
    term = view.target
    while len(names) < MOST_VARIABLES:
        match term:
            case Term("∃", (Term("Nat" | "Int" as kind), body), name=name):
                names.append((name, kind))
                term = body
            case _:
                break
    if not names or not term.variables <= {name for name, _ in names}:
        return
    reach = REACH[len(names)]
    spans = [range(reach) if kind == "Nat" else _from_zero(reach) for _, kind in names]
    order = [name for name, _ in names]
    tried = (dict(zip(order, values, strict=True)) for values in itertools.product(*spans))
    found = (values for values in itertools.chain(tried, _factors(term, order)) if evaluate(term, values) is True)
    for values in itertools.islice(found, MOST_FOUND):
        listed = ", ".join(str(values[name]) for name in order)
        yield f"exact ⟨{listed}, by decide⟩", 0.2
        yield f"refine ⟨{listed}, ?_⟩ <;> simp", 0.05


def _factors(term: Term, names: list[str]) -> Iterator[dict[str, int]]:
    """Yield values for `p = a * b`, where p has at most one variable: numbers, and the divisors of what p is then."""
    for part in term:
        match part:
            case Term("=", (value, Term("*", (Term(variable=True) as a, Term(variable=True) as b)))) | Term(
                "=", (Term("*", (Term(variable=True) as a, Term(variable=True) as b)), value)
            ) if a.head != b.head and {a.head, b.head}.isdisjoint(value.variables) and len(value.variables) <= 1:
                others = sorted(value.variables)
                if {a.head, b.head, *others} != set(names):
                    continue
                for number in range(MOST_NUMBERS if others else 1):
                    given = dict.fromkeys(others, number)
                    whole = evaluate(value, given)
                    for divisor in range(2, MOST_DIVISOR):
                        if whole and int(whole) % divisor == 0:
                            yield {**given, a.head: divisor, b.head: int(whole) // divisor}


def _from_zero(reach: int) -> list[int]:
    return [value for n in range(reach) for value in ((n, -n) if n else (0,))]
