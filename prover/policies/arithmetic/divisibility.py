"""`d ∣ a * x + b * y` from `d ∣ a` and `d ∣ b`: the proof term, put together from the shape of the right side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prover.policies.terms import GoalView, Term, Weighted

DEEPEST = 4
LEFT = {"Nat": "Nat.dvd_mul_right_of_dvd {} _", "Int": "(Int.dvd_trans {} (Int.dvd_mul_right _ _))"}
RIGHT = {"Nat": "Nat.dvd_mul_left_of_dvd {} _", "Int": "(Int.dvd_trans {} (Int.dvd_mul_left _ _))"}


def divisibility(view: GoalView) -> Iterator[Weighted]:
    """Chains, sums and multiples of the divisibilities among the hypotheses."""
    if view.target.head != "∣" or view.target.type not in LEFT:
        return
    divisor, whole = view.target.args
    known = {fact.term.args: fact.name for fact in view.facts if fact.term.head == "∣"}
    proof = _proof(divisor, whole, known, view.target.type, DEEPEST) if known else None
    if proof:
        yield f"exact {proof}", 0.3


def _proof(divisor: Term, whole: Term, known: Mapping[tuple[Term, ...], str], kind: str, depth: int) -> str | None:
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
    if whole.head in {"+", "-"}:
        parts = [_proof(divisor, part, known, kind, depth - 1) for part in whole.args]
        if all(parts):
            return f"({kind}.dvd_{'add' if whole.head == '+' else 'sub'} {parts[0]} {parts[1]})"
    if whole.head == "*":
        for part, rule in zip(whole.args, (LEFT, RIGHT), strict=True):
            proof = _proof(divisor, part, known, kind, depth - 1)
            if proof:
                return f"({rule[kind].format(proof)})"
    return None
