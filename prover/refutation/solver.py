"""Whole numbers for which arithmetic says that a statement is false, from a solver that finds models (extra `[z3]`).

Suggestions, which Lean checks like any other instance. Without the extra there are none.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from functools import reduce
from importlib.util import find_spec
from operator import mul
from typing import Any

from prover.policies.terms import GoalView, Term

MOST_MODELS = 3
RESOURCES = 2_000_000
"""What the solver may do for a model, in units of its own: the same on every machine, about a second."""
_SAFETY_MS = 20_000  # ends only what hangs
_LARGEST_EXPONENT = 12
_KINDS = {"Nat", "Int"}
_ONE_AT_A_TIME = threading.Lock()  # threads must not share the solver's terms


async def models(view: GoalView) -> list[dict[str, str]]:
    """Return values of the whole numbers of a statement for which its hypotheses hold and its conclusion does not.

    What the solver does not understand of the hypotheses is left out; of the conclusion, there are no values.
    """
    if find_spec("z3") is None:
        return []
    return await asyncio.to_thread(_found, view)


def _found(view: GoalView) -> list[dict[str, str]]:
    with _ONE_AT_A_TIME:
        return list(_models(view))


def _models(view: GoalView) -> Iterator[dict[str, str]]:
    import z3

    numbers = {name: kind for name, kind in view.numbers.items() if kind in _KINDS}
    unknown = {name: z3.Int(name) for name in numbers}
    target = _translated(view.target, unknown)
    if target is None or not unknown:
        return
    solver = z3.Solver()
    solver.set("rlimit", RESOURCES)
    solver.set("timeout", _SAFETY_MS)
    solver.set("random_seed", 0)
    solver.add(z3.Not(target), *(unknown[name] >= 0 for name, kind in numbers.items() if kind == "Nat"))
    solver.add(*(said for fact in view.facts if (said := _translated(fact.term, unknown)) is not None))
    for _ in range(MOST_MODELS):
        if solver.check() != z3.sat:
            return
        model = solver.model()
        found = {name: model.eval(variable, model_completion=True) for name, variable in unknown.items()}
        yield {name: _text(value.as_long()) for name, value in found.items()}
        solver.add(z3.Or(*(unknown[name] != value for name, value in found.items())))


def _text(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _translated(term: Term, unknown: Mapping[str, Any]) -> Any:
    """Return the solver's term, with Lean's conventions (no negative naturals, n / 0 = 0); None: not arithmetic."""
    import z3

    if term.number is not None:
        return z3.IntVal(term.number)
    if term.variable:
        return unknown.get(term.head)
    if term.head in {"False", "True"}:
        return z3.BoolVal(term.head == "True")
    if term.head in _NUMERIC and term.type not in _KINDS:
        return None
    if term.head == "^" and (exponent := term.args[1].number) is not None:
        base = _translated(term.args[0], unknown)
        return None if base is None or exponent > _LARGEST_EXPONENT else reduce(mul, [base] * exponent, z3.IntVal(1))
    args = [_translated(arg, unknown) for arg in term.args]
    if not args or any(arg is None for arg in args):
        return None
    try:
        return _applied(term, args)
    except z3.Z3Exception:  # a proposition where a number is expected, or the reverse
        return None


_NUMERIC = {"+", "-", "*", "/", "%", "^", "neg", "↑", "<", "≤", "∣"}


def _applied(term: Term, args: list[Any]) -> Any:
    import z3

    match term.head, args:
        case "+", [a, b]:
            return a + b
        case "-", [a, b]:
            return z3.If(a >= b, a - b, 0) if term.type == "Nat" else a - b
        case "*", [a, b]:
            return a * b
        case "/", [a, b]:
            return z3.If(b == 0, 0, a / b)
        case "%", [a, b]:
            return z3.If(b == 0, a, a % b)
        case "neg", [a]:
            return -a
        case "↑", [a]:
            return a
        case "∣", [a, b]:
            return z3.If(a == 0, b == 0, b % a == 0)
        case "=" | "↔", [a, b]:
            return a == b
        case "≠", [a, b]:
            return a != b
        case "<", [a, b]:
            return a < b
        case "≤", [a, b]:
            return a <= b
        case "∧", [a, b]:
            return z3.And(a, b)
        case "∨", [a, b]:
            return z3.Or(a, b)
        case "→", [a, b]:
            return z3.Implies(a, b)
        case "¬", [a]:
            return z3.Not(a)
        case _:
            return None
