"""What programs do with the elements of lists: they keep them, lose some, or add one.

Sorting, merging, splitting: `insert x l` holds the elements of `x :: l`, each as often. The law of each function of the
header is proved by functional induction (counted if the goal counts, else for membership), then the goal from the laws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from prover.policies.automation.recursion import calls
from prover.policies.scope import several_fresh
from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import accessible, defined, listed

MOST_FUNCTIONS = 4
MOST_CALLS = 2
MOST_VARIABLES = 2
COUNTED = {"List.Perm", "List.count", "List.isPerm"}


class Program(NamedTuple):
    """A function of the header that makes lists: variables with their types, and the lists and elements among them."""

    call: str
    binders: str
    names: str
    lists: tuple[str, ...]
    elements: tuple[str, ...]
    results: tuple[str, ...]


def contents(view: GoalView) -> Iterator[Weighted]:
    """The laws that hold, then the goal by induction."""
    programs = list(_programs(view))[:MOST_FUNCTIONS]
    if not programs:
        return
    heads = {part.head for part in view.target}
    rules = listed(view.cited)
    finish = "\n".join(_ways(view, rules))
    if heads & COUNTED:
        opening = "refine List.perm_iff_count.2 fun a => ?_\n" if view.target.head == "List.Perm" else ""
        laws = "\n".join(_tried(f"count_{i}", p, _counted(p), rules) for i, p in enumerate(programs))
        yield f"classical\n{laws}\n{opening}{finish}", 0.12
    elif "∈" in heads or any(name in view.header.rules or _is_predicate(view, name) for name in heads):
        laws = "\n".join(_tried(f"members_{i}", p, _members(p), rules) for i, p in enumerate(programs))
        yield f"{laws}\n{finish}", 0.08 if "∈" in heads else 0.05


def _is_predicate(view: GoalView, name: str) -> bool:
    return any(each.name == name and each.result == "Prop" for each in view.header.signatures)


def _programs(view: GoalView) -> Iterator[Program]:
    taken = {*view.variables, "a"}
    for each in view.header.signatures:
        match = re.fullmatch(r"List (?P<element>.+?)(?: × List (?P=element))?", each.result)
        if not match or each.name not in view.definitions:
            continue
        names = several_fresh("x", len(each.arguments), taken)
        typed = list(zip(names, each.arguments, strict=True))
        lists = tuple(name for name, type_ in typed if type_ == f"List {match['element']}")
        call = " ".join([defined(each.name), *names])
        if lists:
            yield Program(
                call=call,
                binders=" ".join(f"({name} : {type_})" for name, type_ in typed),
                names=" ".join(names),
                lists=lists,
                elements=tuple(name for name, type_ in typed if type_ == match["element"]),
                results=(f"({call}).1", f"({call}).2") if "×" in each.result else (f"({call})",),
            )


def _counted(program: Program) -> Iterator[str]:
    """Yield how often an element may stand in the result."""
    result = " + ".join(f"List.count a {each}" for each in program.results)
    kept = " + ".join(f"List.count a {each}" for each in program.lists)
    added = "".join(f"{element} :: " for element in program.elements)
    if added:
        first, *others = program.lists
        yield f"{result} = " + " + ".join(f"List.count a {each}" for each in (f"({added}{first})", *others))
    yield f"{result} = {kept}"


def _members(program: Program) -> Iterator[str]:
    """Yield which elements the result may have."""
    result = " ∨ ".join(f"a ∈ {each}" for each in program.results)
    kept = " ∨ ".join(f"a ∈ {each}" for each in program.lists)
    added = "".join(f"a = {element} ∨ " for element in program.elements)
    for sign in ("↔", "→"):
        if added:
            yield f"({result}) {sign} {added}{kept}"
        yield f"({result}) {sign} {kept}"


def _tried(name: str, program: Program, laws: Iterator[str], rules: str) -> str:
    """Return the line that states the first of the laws that has a proof."""
    proof = f"intro {program.names} a; fun_induction {program.call} <;> grind [{rules}]"
    stated = (f"(have {name} : ∀ {program.binders} a, {law} := by ({proof}))" for law in laws)
    return f"first | {' | '.join(stated)} | skip"


def _ways(view: GoalView, rules: str) -> Iterator[str]:
    """Yield the lines of a `first` that closes the goal from the laws."""
    yield "first"
    yield f"| grind [{rules}]"
    for call in calls(view)[:MOST_CALLS]:
        yield f"| (fun_induction {call} <;> grind [{rules}])"
    kinds = {"List", *view.header.types}
    found = [name for name in sorted(view.target.variables) if name in view.variables and accessible(name)]
    for variable in [name for name in found if view.variables[name].head in kinds][:MOST_VARIABLES]:
        yield f"| (induction {variable} <;> grind [{rules}])"
