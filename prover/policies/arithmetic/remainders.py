"""A number with given remainders: `∃ x, x % 3 = a % 3 ∧ x % 5 = b % 5`, and `3 ∣ x - a`.

The Chinese remainder theorem: each remainder is multiplied by a number that is 1 modulo its own divisor and 0 modulo
the others. Moduli that are not coprime to each other have no such numbers, and are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import written

KINDS = {"Nat", "Int"}


def chinese_remainders(view: GoalView) -> Iterator[Weighted]:
    """The witness that has all remainders at once."""
    match view.target:
        case Term("∃", (Term(kind), body), name=x) if kind in KINDS:
            wanted = [found for part in body.joined_by("∧") for found in _wanted(part, x)]
            moduli = [modulus for modulus, _ in wanted]
            whole = math.prod(moduli)
            if len(moduli) < 2 or math.lcm(*moduli) != whole:
                return
            with suppress(ValueError):
                rests = [written(view, rest) for _, rest in wanted]
                shares = [_unit(modulus, whole // modulus) for modulus in moduli]
                sum_ = " + ".join(f"{share} * {rest}" for share, rest in zip(shares, rests, strict=True))
                yield f"exact ⟨{sum_}, by omega⟩", 0.40
                yield f"exact ⟨({sum_}) % {whole}, by omega⟩", 0.20


def _wanted(part: Term, x: str) -> Iterator[tuple[int, Term]]:
    """Yield the modulus and the remainder that x has to have."""
    match part:
        case Term("=", (Term("%", (Term(variable=True) as whole, Term(number=int(modulus)))), rest)) if (
            whole.head == x and modulus > 1 and x not in rest.variables
        ):
            yield modulus, rest
        case Term("∣", (Term(number=int(modulus)), Term("-", (Term(variable=True) as whole, rest), type="Int"))) if (
            whole.head == x and modulus > 1 and x not in rest.variables
        ):
            yield modulus, rest


def _unit(modulus: int, others: int) -> int:
    """Return the multiple of the others that is 1 modulo this one."""
    return others * pow(others, -1, modulus)
