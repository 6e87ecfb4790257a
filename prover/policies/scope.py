"""Terms of a given type that a goal offers: what a witness may be, and where a hypothesis may be used."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import suppress

from prover.policies.terms import GoalView, Term
from prover.policies.texts import accessible, written

MOST_ARGUMENTS = 2
MOST_FIN = 6
NUMERALS = {"Nat": ("0", "1"), "Int": ("0", "1"), "Rat": ("0", "1"), "Bool": ("true", "false"), "List": ("[]",)}
FLIPS = {"Sort": "¬ {}", "Bool": "!{}", "Nat": "{} + 1", "Int": "{} + 1"}
"""By the name of a type: what differs from every element of it."""


def fresh(stem: str, taken: Iterable[str]) -> str:
    """Return the stem, or the stem with the first number that makes it new."""
    used = set(taken)
    return next(
        name for name in itertools.chain([stem], (f"{stem}{i}" for i in itertools.count(1))) if name not in used
    )


def several_fresh(stem: str, number: int, taken: Iterable[str]) -> list[str]:
    """Return so many new names with this stem."""
    names: list[str] = []
    used = list(taken)
    for _ in range(number):
        names.append(fresh(stem, [*used, *names]))
    return names


def bare(type_: Term) -> Term:
    """Return the type without the names of its binders, so that equal types compare equal."""
    return Term(type_.head, tuple(bare(arg) for arg in type_.args), type_.number, variable=type_.variable)


def inhabitants(view: GoalView, type_: Term, most: int) -> list[str]:
    """Return terms of that type as Lean text, the likeliest first: variables, what occurs, what can be applied."""
    wanted = bare(type_)
    found = _functions(view, wanted) if wanted.head == "→" else _elements(view, wanted)
    return list(itertools.islice(dict.fromkeys(found), most))


def function_variables(view: GoalView) -> Iterator[tuple[str, list[Term], Term]]:
    """Yield the variables that are functions: name, types of the arguments, type of the result."""
    for name, type_ in view.variables.items():
        arguments: list[Term] = []
        result = bare(type_)
        while result.head == "→":
            arguments.append(result.args[0])
            result = result.args[1]
        if arguments and accessible(name):
            yield name, arguments, result


def _elements(view: GoalView, type_: Term) -> Iterator[str]:
    named = _variables(view, type_)
    yield from named
    occurring = list(_occurring(view, type_))
    if type_.head in {"Nat", "Int", "Rat"}:
        yield from (f"({name} + 1)" for name in named)
        yield from NUMERALS[type_.head]
        yield from occurring
        return
    yield from occurring
    yield from _again(view, type_, occurring)
    yield from _applied(view, type_)
    if type_.head == "Fin" and type_.args[:1] and type_.args[0].number is not None:
        yield from (str(value) for value in range(min(type_.args[0].number, MOST_FIN)))
    yield from NUMERALS.get(type_.head, ())


def _variables(view: GoalView, type_: Term) -> list[str]:
    return [name for name, kind in reversed(view.variables.items()) if accessible(name) and bare(kind) == type_]


def _occurring(view: GoalView, type_: Term) -> Iterator[str]:
    """Yield `f x` for what the target applies, if it has that type."""
    types = {name: (arguments, result) for name, arguments, result in function_variables(view)}
    for part in view.target:
        match part:
            case Term("apply", (Term(head=function), *given)) if function in types:
                arguments, result = types[function]
                if len(arguments) == len(given) and result == type_:
                    with suppress(ValueError):
                        yield written(view, part)


def _again(view: GoalView, type_: Term, occurring: list[str]) -> Iterator[str]:
    """Yield `f (f x)` for each `f x` that occurs."""
    for function, arguments, result in function_variables(view):
        if arguments == [type_] and result == type_:
            yield from (f"({function} {text})" for text in occurring if text.startswith(f"({function} "))


def _applied(view: GoalView, type_: Term) -> Iterator[str]:
    """Yield functions of that result, applied to variables."""
    for function, arguments, result in function_variables(view):
        if result == type_ and type_.head != "Sort" and len(arguments) <= MOST_ARGUMENTS:
            for given in itertools.product(*(_variables(view, argument) for argument in arguments)):
                yield f"({function} {' '.join(given)})"


def _functions(view: GoalView, type_: Term) -> Iterator[str]:
    """Yield variables, diagonals, compositions, the identity and constants."""
    domain, codomain = type_.args
    yield from _variables(view, type_)
    yield from diagonals(view, type_)
    if domain == codomain:
        yield "fun x => x"
    for inner, inner_arguments, middle in function_variables(view):
        for outer, outer_arguments, result in function_variables(view):
            if inner_arguments == [domain] and outer_arguments == [middle] and result == codomain:
                yield f"fun x => {outer} ({inner} x)"
    if codomain.head == "Sort":
        yield from (each for name in _variables(view, domain) for each in _about(view, name))
        for function, arguments, result in function_variables(view):
            if result == domain and len(arguments) == 1:
                x, y = fresh("x", view.variables), fresh("y", view.variables)
                yield f"fun {y} => ∃ {x}, {function} {x} = {y}"
        yield "fun _ => True"
    elif codomain.head != "→":
        yield from (f"fun _ => {constant}" for constant in _elements(view, codomain))


def _about(view: GoalView, name: str) -> tuple[str, str]:
    x = fresh("x", view.variables)
    return f"fun {x} => {x} = {name}", f"fun {x} => {x} ≠ {name}"


def diagonals(view: GoalView, type_: Term) -> Iterator[str]:
    """Yield functions that differ from each `f x` at `x`: Cantor's argument, for every `f` that is in scope."""
    domain, codomain = bare(type_).args
    for function, arguments, result in function_variables(view):
        if arguments[:2] != [domain, domain] or len(arguments) != 2 or result != codomain:
            continue
        at_itself = f"{function} x x"
        for change, change_arguments, changed in function_variables(view):
            if change_arguments == [codomain] and changed == codomain:
                yield f"fun x => {change} ({at_itself})"
        if codomain.head in FLIPS:
            atom = f"({at_itself})" if codomain.head in {"Sort", "Bool"} else at_itself
            yield f"fun x => {FLIPS[codomain.head].format(atom)}"
