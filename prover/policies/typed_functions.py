"""Functions that their types determine: `fun f a b => f (a, b)` for `(α × β → γ) → α → β → γ`.

A proof search in minimal logic, with the types as formulas: arguments get names, pairs are built and taken apart,
functions of the scope are applied, and a sum is entered by either side and left by its cases.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.scope import bare
from prover.policies.terms import GoalView, Term
from prover.policies.texts import accessible

DEPTH = 3  # applications within one another
MOST_WAYS = 40

Typed = tuple[str, Term]
"""A term as Lean text, and its type."""


def typed_functions(view: GoalView, type_: Term, most: int) -> list[str]:
    """Return functions of that type, those first that use the latest arguments. Empty for other types."""
    wanted = bare(type_)
    if wanted.head != "→":
        return []
    scope = [(name, bare(kind)) for name, kind in view.variables.items() if accessible(name) and kind.head != "Sort"]
    return list(itertools.islice(dict.fromkeys(_built(wanted, scope, DEPTH)), most))


def _built(wanted: Term, scope: Sequence[Typed], depth: int) -> Iterator[str]:
    if depth < 0:
        return
    match wanted:
        case Term("→", (Term("Sum", (left, right)), result)):
            name = _new(scope)
            cases = [
                _built(Term("→", (part, result)), [*scope, (name, wanted.args[0])], depth) for part in (left, right)
            ]
            yield from (f"fun {name} => {name}.elim ({a}) ({b})" for a, b in itertools.product(*cases))
        case Term("→", (argument, result)):
            name = _new(scope)
            for text in _built(result, [*scope, (name, argument)], depth):
                yield f"fun {name} {text.removeprefix('fun ')}" if text.startswith("fun ") else f"fun {name} => {text}"
        case Term("Prod", (left, right)):
            pairs = itertools.product(_built(left, scope, depth), _built(right, scope, depth))
            yield from (f"({a}, {b})" for a, b in pairs)
        case Term("Sum", (left, right)):
            yield from itertools.islice(_used(wanted, scope, depth), MOST_WAYS)
            yield from (f"Sum.inl {_atom(text)}" for text in _built(left, scope, depth - 1))
            yield from (f"Sum.inr {_atom(text)}" for text in _built(right, scope, depth - 1))
        case _:
            yield from itertools.islice(_used(wanted, scope, depth), MOST_WAYS)


def _used(wanted: Term, scope: Sequence[Typed], depth: int) -> Iterator[str]:
    """Yield terms of that type which the scope gives, the latest names first."""
    waiting = list(reversed(scope))
    while waiting:
        text, type_ = waiting.pop(0)
        match type_:
            case _ if type_ == wanted:
                yield text
            case Term("Prod", (left, right)):
                waiting[:0] = [(f"{_atom(text)}.1", left), (f"{_atom(text)}.2", right)]
            case Term("→", (argument, result)) if _gives(result, wanted):
                given = itertools.islice(_built(argument, scope, depth - 1), MOST_WAYS)
                waiting[:0] = [(f"{text} {_atom(each)}", result) for each in given]


def _gives(result: Term, wanted: Term) -> bool:
    match result:
        case Term("→", (_, rest)):
            return _gives(rest, wanted)
        case Term("Prod", (left, right)):
            return _gives(left, wanted) or _gives(right, wanted)
        case _:
            return result == wanted


def _atom(text: str) -> str:
    """Return the text as an argument: in parentheses, unless it is a name, a projection or a pair."""
    open_ = 0
    for sign in text:
        open_ += (sign == "(") - (sign == ")")
        if open_ == 0 and sign == " ":
            return f"({text})"
    return text


def _new(scope: Sequence[Typed]) -> str:
    taken = {text for text, _ in scope}
    return next(name for name in (f"x{i}" for i in itertools.count(1)) if name not in taken)
