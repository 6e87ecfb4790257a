"""Witnesses that several linear equations determine: `∃ a b, a + b = c ∧ a + 2 * b = d`, and for pairs `∃ x, f x = y`.

The equations are solved for the unknowns, which are components where the witness is a pair. So linear maps of the plane
are onto.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import NamedTuple

from prover.policies.arithmetic.polynomial import Polynomial, polynomial
from prover.policies.terms import NUMBERS, GoalView, Term, Weighted

FINISH = "first | grind | (simp; grind) | (apply Prod.ext <;> simp <;> grind)"
PROJECTIONS = {"Prod.fst": 1, "Prod.snd": 2}


class System(NamedTuple):
    """Unknowns, the pattern that makes a witness of them, and the equations."""

    unknowns: tuple[str, ...]
    witness: str
    equations: tuple[tuple[Term, Term], ...]
    type: str


def linear_witnesses(view: GoalView) -> Iterator[Weighted]:
    """Solve, and put in."""
    system = _system(view.target)
    if system is None or len(system.unknowns) < 2 or len(system.equations) != len(system.unknowns):
        return
    with suppress(ValueError):
        rows = [polynomial(left, unread=_read) - polynomial(right, unread=_read) for left, right in system.equations]
        solution = _solved(rows, system.unknowns)
        if solution and (system.type == "Rat" or all(c.denominator == 1 for p in solution for c in p.terms.values())):
            values = system.witness.format(*(part.text for part in solution))
            yield f"refine ⟨{values}, ?_⟩\n{FINISH}", 0.25


def _system(target: Term) -> System | None:
    match target:
        case Term("∃", (Term("Prod", (Term(kind), Term(other))), Term("=", (left, right))), name=x) if kind == other:
            sides = ((_component(left, place), _component(right, place)) for place in (1, 2))
            return System((f"{x}.1", f"{x}.2"), "({}, {})", tuple(sides), kind) if kind in NUMBERS else None
        case Term("∃", (Term(kind), _)) if kind in NUMBERS:
            names: list[str] = []
            while target.head == "∃" and target.args and target.args[0].head == kind:
                names.append(target.name)
                target = target.args[1]
            found = [part for part in target.joined_by("∧") if part.head == "=" and part.type == kind]
            equations = tuple((part.args[0], part.args[1]) for part in found)
            return System(tuple(names), ", ".join(["{}"] * len(names)), equations, kind)
        case _:
            return None


def _component(term: Term, place: int) -> Term:
    return term.args[-3 + place] if term.head == "Prod.mk" else Term("apply", (Term(f"component {place}"), term))


def _read(term: Term) -> Polynomial:
    """A component of a pair stands for itself, as a variable does."""
    match term:
        case Term(variable=True, head=name):
            return Polynomial.variable(name)
        case Term("apply", (Term(head=head), Term(variable=True, head=name))) if head.startswith("component "):
            return Polynomial.variable(f"{name}.{head[-1]}")
        case Term(head, (*_, Term(variable=True, head=name))) if head in PROJECTIONS:
            return Polynomial.variable(f"{name}.{PROJECTIONS[head]}")
        case _:
            raise ValueError(f"{term.head} is no component")


def _solved(rows: Sequence[Polynomial], unknowns: Sequence[str]) -> list[Polynomial]:
    """Solve by elimination; empty where the solution is not unique or an unknown is multiplied by a variable."""
    left = list(rows)
    for place, name in enumerate(unknowns):
        pivot = next((row for row in left[place:] if (name,) in row.terms), None)
        if pivot is None or any(name in m and len(m) > 1 for row in rows for m in row.terms):
            return []
        left.remove(pivot)
        pivot = pivot * Polynomial.constant(1 / pivot.terms[(name,)])
        left = [row - pivot * Polynomial.constant(row.terms.get((name,), Fraction(0))) for row in left]
        left.insert(place, pivot)
    return [Polynomial.variable(name) - row for name, row in zip(unknowns, left, strict=True)]
