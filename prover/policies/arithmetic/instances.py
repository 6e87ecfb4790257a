"""Universally quantified hypotheses at numbers that fit them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.bounds import bound_proof, range_of
from prover.policies.arithmetic.shapes import Quantified, applications, equations, quantified
from prover.policies.arithmetic.splits import case_split
from prover.policies.terms import Fact, GoalView, Term, Weighted, evaluate, literals, showable

SMALL = (0, 1, 2, 3)
PRIMES = (2, 3, 5)
LONGEST_CHAIN = 130
MOST_VALUES = 31  # of the variable that is split


def instances(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at numbers that fit them, then linear arithmetic or automation."""
    numbers = [n for n in literals([view.target]) if n <= 10_000]
    lines: list[str] = []
    for fact in view.facts:
        variables, premises, _ = quantified(fact.term)
        if not variables or any(kind not in {"Nat", "Int"} for _, kind in variables):
            continue
        names = [name for name, _ in variables]
        if len(names) == 1:
            fitting = _fitting(names[0], premises)
            dividing = PRIMES if any(_divides(names[0], premise) for premise in premises) else ()
            values = list(dict.fromkeys([*fitting[:3], *dividing, *(SMALL if not premises else ()), *numbers[:3]]))[:6]
            lines += [f"have := {fact.name} {value}" for value in values]
        elif len(names) == 2:
            pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)]
            lines += [f"have := {fact.name} {a} {b}" for a, b in pairs]
    if lines:
        block = "\n".join(lines[:14])
        for finish, weight in (("omega", 0.05), ("simp_all", 0.03), ("grind", 0.03), ("simp at * <;> omega", 0.02)):
            yield f"{block}\n{finish}", weight
        yield from _and_split(view, block)
    yield from _chains(view)
    yield from _at_terms(view)


def _and_split(view: GoalView, block: str) -> Iterator[Weighted]:
    """Instances, and then every value of a variable that is bounded (if need be by the negated goal)."""
    contradiction = Fact("hcontra", Term.negation(view.target))
    for facts, opening in (
        (list(view.facts), ""),
        ([*view.facts, contradiction], "refine Classical.byContradiction fun hcontra => ?_\n"),
    ):
        for name, kind in view.numbers.items():
            values = range_of(name, kind, facts)
            if not values or len(values) > MOST_VALUES:
                continue
            split = case_split(name, values, bound_proof(name, showable(facts)), kind)
            yield f"{opening}{block}\n{split} <;> first | omega | contradiction | simp_all", 0.03
            break


def _divides(name: str, term: Term) -> bool:
    match term:
        case Term("∣", (divisor, _)):
            return divisor.is_variable(name)
        case _:
            return False


def _chains(view: GoalView) -> Iterator[Weighted]:
    """`f x + f (x - 1) = ...` from a known argument up to the one that the target asks for: all equations between."""
    asked = next(_at_numbers(view.target), None)
    if asked is None:
        return
    function, wanted = asked
    known = [number for equation in equations(view.facts) for f, number in _at_numbers(equation) if f == function]
    if not known:
        return
    between = range(min(known[0], wanted), max(known[0], wanted) + 1)
    if not 2 < len(between) <= LONGEST_CHAIN:
        return
    for fact in view.facts:
        match quantified(fact.term):
            case Quantified(((_, "Nat" | "Int"),), (), conclusion):
                if sum(f == function for f, _ in applications(conclusion)) >= 2:
                    lines = [f"have at_{i} := {fact.name} {i}" for i in between]
                    yield "\n".join([*lines, f"simp at {' '.join(f'at_{i}' for i in between)}", "omega"]), 0.05


def _at_numbers(term: Term) -> Iterator[tuple[str, int]]:
    """Yield function and number for each `f 3` that occurs."""
    for function, arguments in applications(term):
        match arguments:
            case (Term(number=int(number)),):
                yield function, number


def _at_terms(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at the variables that occur."""
    for kind in ("Nat", "Int"):
        names = [name for name, k in view.numbers.items() if k == kind][:3]
        lines = []
        for fact in view.facts:
            match quantified(fact.term).variables:
                case ((_, type_),) if type_ == kind:
                    lines += [f"have := {fact.name} {term}" for name in names for term in (name, f"({name} + 1)")]
        if lines:
            yield "\n".join([*lines[:8], "omega"]), 0.02
            yield "\n".join([*lines[:8], "grind"]), 0.02


def _fitting(name: str, premises: Sequence[Term]) -> list[int]:
    """The first numbers for which all premises hold that can be evaluated; none if there is no such premise."""
    known = [p for p in premises if p.variables == {name} and evaluate(p, {name: 1}) is not None]
    if not known:
        return []
    return list(itertools.islice((v for v in range(2000) if all(evaluate(p, {name: v}) for p in known)), 3))
