"""Bounds of a variable, guessed from the hypotheses, and the tactic that proves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.products import product_hints
from prover.policies.arithmetic.shapes import powers_in, powers_of_variables
from prover.policies.terms import Fact, Term, evaluate, literals


def bound_of(name: str, facts: Sequence[Fact]) -> tuple[int | None, int]:
    """Guess lower and upper bound of a variable: what a hypothesis says outright, or the largest number around it."""
    low: int | None = None
    high: int | None = None
    around: list[int] = []
    for fact in facts:
        term = fact.term
        if evaluate(term, dict.fromkeys(term.variables, 2)) is None:
            continue  # what it does with its numbers we do not know
        if name not in term.variables:
            continue
        match term.upright:
            case Term(("≤" | "<") as relation, (left, right)):
                strict = int(relation == "<")
                if left.variable and right.number is not None:
                    high = min(right.number - strict, high if high is not None else right.number)
                if right.variable and left.number is not None:
                    low = max(left.number + strict, low if low is not None else left.number)
                if right.number is not None and name in left.variables:
                    around.append(right.number)
            case Term("=" | "∣"):
                around += literals([term])[-1:]
    if high is None:
        high = min((n for n in around if n > 1), default=-1)
    for fact in facts:
        high = min(high, _power_bound(name, fact)[0] or high)
    return low, high


def range_of(name: str, kind: str, facts: Sequence[Fact]) -> range | None:
    """Guess the values of a natural number or an integer; None if nothing is known to bound it from below."""
    if kind not in {"Nat", "Int"}:
        return None
    low, high = bound_of(name, facts)
    if kind == "Nat":
        low = max(0, low or 0)
    return None if low is None else range(low, high + 1)


def _power_bound(name: str, fact: Fact) -> tuple[int | None, int]:
    """The largest x that a hypothesis on `x ^ k` leaves, if it leaves few, and k."""
    exponents = [p.exponent for p in powers_of_variables([fact.term]) if p.variable == name and p.type == "Nat"]
    if not exponents or fact.term.variables != {name}:
        return None, 0
    kept = [value for value in range(400) if evaluate(fact.term, {name: value}) is True]
    return (kept[-1], exponents[0]) if kept and kept[-1] < 300 else (None, 0)


def bound_proof(name: str, facts: Sequence[Fact]) -> str:
    """Return a tactic for `name ≤ number`: linear arithmetic, with facts about products, powers, divisors."""
    ways = ["omega"]
    for fact in facts:
        match fact.term:
            case Term("=", (left, right), type="Nat"):
                sides = ((left, fact.name), (right, f"{fact.name}.symm"))
                divides = [proof for side, equation in sides for proof in _divides(name, side, equation)]
                ways += [f"exact Nat.le_of_dvd (by decide) ({proof})" for proof in divides]
            case Term("∣", (divisor, _)) if divisor.is_variable(name):
                ways.append(f"exact Nat.le_of_dvd (by omega) {fact.name}")
    hints = product_hints([fact.term for fact in facts])
    if hints:
        ways.append(f"({'; '.join(f'({hint})' for hint in hints)}; omega)")
    for fact in facts:
        bound, exponent = _power_bound(name, fact)
        if bound is not None:
            larger = f"have := Nat.pow_le_pow_left (Nat.lt_of_not_le h) {exponent}"
            ways.append(f"(refine Classical.byContradiction fun h => ?_; {larger}; simp at this; omega)")
    sizes = list(dict.fromkeys(_sizes([fact.term for fact in facts])))
    if sizes:
        ways.append(f"({'; '.join(sizes)}; omega)")
    ways.append("grind")
    return f"first | {' | '.join(ways)}"


def _sizes(terms: Sequence[Term]) -> Iterator[str]:
    """Tactics that add `x ≤ x ^ k` for the powers that occur."""
    for power in powers_in(terms):
        match power:
            case (Term(head=base, variable=True), Term(number=int(exponent)), "Nat") if exponent:
                yield f"have := Nat.le_self_pow (n := {exponent}) (by decide) {base}"


def _divides(name: str, term: Term, equation: str) -> Iterator[str]:
    """Proofs that a variable divides the number that `equation` says a product or lcm to be."""
    match term:
        case Term("*", (left, right)):
            for factor, lemma in ((left, "right"), (right, "left")):
                if factor.is_variable(name):
                    yield f"by rw [← {equation}]; exact Nat.dvd_mul_{lemma} _ _"
        case Term("Nat.lcm", (left, right)):
            for argument, lemma in ((left, "left"), (right, "right")):
                if argument.is_variable(name):
                    yield f"{equation} ▸ Nat.dvd_lcm_{lemma} _ _"
