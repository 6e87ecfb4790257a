"""Universally quantified hypotheses at numbers that fit them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.bounds import bound_of, bound_proof
from prover.policies.arithmetic.splits import case_split
from prover.policies.terms import Fact, GoalView, Term, Weighted, evaluate, literals, showable

SMALL = (0, 1, 2, 3)
PRIMES = (2, 3, 5)
LONGEST_CHAIN = 130


def instances(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at numbers that fit them, then linear arithmetic or automation."""
    numbers = [n for n in literals([view.target]) if n <= 10_000]
    lines: list[str] = []
    for fact in view.facts:
        kinds, premises, _ = unfold_quantifiers(fact.term)
        if not kinds or any(kind not in {"Nat", "Int"} for _, kind in kinds):
            continue
        names = [name for name, _ in kinds]
        if len(names) == 1:
            fitting = _fitting(names[0], premises)
            dividing = PRIMES if any(p.head == "∣" and p.args[0].head == names[0] for p in premises) else ()
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
            if kind not in {"Nat", "Int"}:
                continue
            low, high = bound_of(name, facts)
            low = max(0, low or 0) if kind == "Nat" else low
            if low is None or not 0 <= high - low <= 30:
                continue
            split = case_split(name, low, high, bound_proof(name, showable(facts)), kind)
            yield f"{opening}{block}\n{split} <;> first | omega | contradiction | simp_all", 0.03
            break


def _chains(view: GoalView) -> Iterator[Weighted]:
    """`f x + f (x - 1) = ...` from a known argument up to the one that the target asks for: all equations between."""
    applied = [t for t in view.target if t.head == "apply" and len(t.args) == 2 and t.args[1].number is not None]
    for fact in view.facts:
        kinds, premises, conclusion = unfold_quantifiers(fact.term)
        if len(kinds) != 1 or premises or kinds[0][1] not in {"Nat", "Int"} or not applied:
            continue
        function, wanted = applied[0].args[0].head, applied[0].args[1].number or 0
        if sum(t.head == "apply" and t.args[0].head == function for t in conclusion) < 2:
            continue
        known = [
            t.args[1].number
            for other in view.facts if other.term.head == "="
            for t in other.term if t.head == "apply" and t.args[0].head == function and t.args[1].number is not None
        ]  # fmt: skip
        for start in known[:1]:
            between = range(min(start, wanted), max(start, wanted) + 1)
            if 2 < len(between) <= LONGEST_CHAIN:
                lines = [f"have at_{i} := {fact.name} {i}" for i in between]
                yield "\n".join([*lines, f"simp at {' '.join(f'at_{i}' for i in between)}", "omega"]), 0.05


def _at_terms(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at the variables that occur."""
    for kind in ("Nat", "Int"):
        names = [name for name, k in view.numbers.items() if k == kind][:3]
        lines = []
        for fact in view.facts:
            kinds, _, _ = unfold_quantifiers(fact.term)
            if len(kinds) == 1 and kinds[0][1] == kind:
                lines += [f"have := {fact.name} {term}" for name in names for term in (name, f"({name} + 1)")]
        if lines:
            yield "\n".join([*lines[:8], "omega"]), 0.02
            yield "\n".join([*lines[:8], "grind"]), 0.02


def unfold_quantifiers(term: Term) -> tuple[list[tuple[str, str]], list[Term], Term]:
    """Return the leading quantified variables with their types, the premises, and the conclusion."""
    variables: list[tuple[str, str]] = []
    premises: list[Term] = []
    while term.head in {"∀", "→"}:
        if term.head == "∀":
            variables.append((term.name, term.args[0].head))
        else:
            premises.append(term.args[0])
        term = term.args[1]
    return variables, premises, term


def _fitting(name: str, premises: Sequence[Term]) -> list[int]:
    """The first numbers for which all premises hold that can be evaluated; none if there is no such premise."""
    known = [p for p in premises if p.variables == {name} and evaluate(p, {name: 1}) is not None]
    if not known:
        return []
    return list(itertools.islice((v for v in range(2000) if all(evaluate(p, {name: v}) for p in known)), 3))
