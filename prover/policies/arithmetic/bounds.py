"""Bounds of a variable, guessed from the hypotheses, and the tactic that proves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.policies.arithmetic.products import product_hints
from prover.policies.terms import Fact, Term, distinct, evaluate, literals, show


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


def _power_bound(name: str, fact: Fact) -> tuple[int | None, int]:
    """The largest x that a hypothesis on `x ^ k` leaves, if it leaves few, and k."""
    powers_ = [t for t in fact.term if t.head == "^" and t.args[0].head == name and (t.args[1].number or 0) > 1]
    if not powers_ or fact.term.variables != {name} or powers_[0].type != "Nat":
        return None, 0
    kept = [value for value in range(400) if evaluate(fact.term, {name: value}) is True]
    return (kept[-1], powers_[0].args[1].number or 1) if kept and kept[-1] < 300 else (None, 0)


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
    sizes = "; ".join(
        f"have := Nat.le_self_pow (n := {show(t.args[1])}) (by decide) {t.args[0].head}"
        for t in distinct(t for f in facts for t in f.term)
        if t.head == "^" and t.args[0].variable and t.type == "Nat" and t.args[1].number
    )
    if sizes:
        ways.append(f"({sizes}; omega)")
    ways.append("grind")
    return f"first | {' | '.join(ways)}"


def _divides(name: str, term: Term, equation: str) -> Iterator[str]:
    """Proofs that a variable divides the number that `equation` says a product or lcm to be."""
    if term.head == "*":
        for factor, lemma in zip(term.args, ("right", "left"), strict=True):
            if factor.is_variable(name):
                yield f"by rw [← {equation}]; exact Nat.dvd_mul_{lemma} _ _"
    if term.head == "Nat.lcm":
        for argument, lemma in zip(term.args, ("left", "right"), strict=True):
            if argument.is_variable(name):
                yield f"{equation} ▸ Nat.dvd_lcm_{lemma} _ _"
