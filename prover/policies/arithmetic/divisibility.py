"""`d ∣ a * x + b * y` from `d ∣ a` and `d ∣ b`: the proof term, put together from the shape of the right side.

What divides each other is equal, among integers up to the sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prover.policies.terms import Fact, GoalView, Term, Weighted

DEEPEST = 4
LEFT = {"Nat": "Nat.dvd_mul_right_of_dvd {} _", "Int": "(Int.dvd_trans {} (Int.dvd_mul_right _ _))"}
RIGHT = {"Nat": "Nat.dvd_mul_left_of_dvd {} _", "Int": "(Int.dvd_trans {} (Int.dvd_mul_left _ _))"}

EACH_OTHER = {
    "Nat": "have := Nat.dvd_antisymm {} {}\nsimp_all",
    "Int": "have := Nat.dvd_antisymm (Int.natAbs_dvd_natAbs.2 {}) (Int.natAbs_dvd_natAbs.2 {})\nomega",
}


def divisibility(view: GoalView) -> Iterator[Weighted]:
    """Chains, sums and multiples of the divisibilities among the hypotheses."""
    known = dict(_divisibilities(view.facts))
    match view.target:
        case Term("∣", (divisor, whole), type=("Nat" | "Int") as kind) if known:
            proof = _proof(divisor, whole, known, kind, DEEPEST)
            if proof:
                yield f"exact {proof}", 0.3
    for fact in view.facts:
        match fact.term:
            case Term("∣", (divisor, whole)) if (whole, divisor) in known and divisor != whole:
                yield EACH_OTHER.get(fact.term.type, EACH_OTHER["Nat"]).format(fact.name, known[whole, divisor]), 0.1
                break


def _divisibilities(facts: Sequence[Fact]) -> Iterator[tuple[tuple[Term, Term], str]]:
    for fact in facts:
        match fact.term:
            case Term("∣", (divisor, whole)):
                yield (divisor, whole), fact.name


def _proof(divisor: Term, whole: Term, known: Mapping[tuple[Term, Term], str], kind: str, depth: int) -> str | None:
    if divisor == whole:
        return f"({kind}.dvd_refl _)"
    if (divisor, whole) in known:
        return known[divisor, whole]
    if depth == 0:
        return None
    for (left, right), name in known.items():
        if left == divisor:
            rest = _proof(right, whole, {k: v for k, v in known.items() if v != name}, kind, depth - 1)
            if rest:
                return f"({kind}.dvd_trans {name} {rest})"
    match whole:
        case Term(("+" | "-") as sign, parts):
            proofs = [_proof(divisor, part, known, kind, depth - 1) for part in parts]
            if all(proofs):
                return f"({kind}.dvd_{'add' if sign == '+' else 'sub'} {proofs[0]} {proofs[1]})"
        case Term("*", (left, right)):
            for part, rule in ((left, LEFT), (right, RIGHT)):
                proof = _proof(divisor, part, known, kind, depth - 1)
                if proof:
                    return f"({rule[kind].format(proof)})"
    return None
