"""Lemmas that an induction needs and the goal does not state, proved on the way.

An accumulator has to be general before the induction: `f x [] = r` follows from `∀ acc, f x acc = r ++ acc`. A function
that meets `xs ++ ys`, or an operation of the header, needs its law. Each candidate states one lemma of that form; where
it is false or has no such proof, the tactic fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from prover.policies.automation.loops import loops
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, is_type, listed, type_text, written

MOST_VARIABLES = 2
MOST_FUNCTIONS = 3
MOST_PAIRS = 6
VALUES = ("{f} x + 1", "{f} x", "2 * {f} x", "x", "{g} ({f} x)")
"""What a function f may make of `g x`."""
COMBINED = {"[]": ("{r} ++ acc", "acc ++ {r}"), "0": ("{r} + acc",), "1": ("{r} * acc",)}
"""By what an accumulator starts with: what it adds to the result `r`."""


class Call(NamedTuple):
    """A function of the header, and what it is applied to (without types)."""

    function: str
    arguments: tuple[Term, ...]


def lemmas(view: GoalView) -> Iterator[Weighted]:
    """Accumulators made general, and laws of the header's functions."""
    if not view.definitions:
        return
    calls = [call for part in view.target if (call := _call(view, part))]
    yield from _accumulators(view)
    yield from loops(view)
    yield from _laws(view, calls)
    yield from _kept(view)
    yield from _counted(view, calls)


def _call(view: GoalView, term: Term) -> Call | None:
    if term.variable or term.head not in view.definitions or term.head.rpartition(".")[2][:1].isupper():
        return None  # what begins with a capital is a type or a proposition
    arguments = tuple(arg for arg in term.args if not is_type(view, arg) and arg.head != "_")
    return Call(term.head, arguments) if arguments else None


def _accumulators(view: GoalView) -> Iterator[Weighted]:
    match view.target:
        case Term("=", (left, right)):
            for this, other in ((left, right), (right, left)):
                call = _call(view, this)
                if call:
                    with suppress(ValueError):
                        yield from _made_general(view, call, written(view, other))


def _made_general(view: GoalView, call: Call, result: str) -> Iterator[Weighted]:
    names = listed(view.cited)
    closing = f"first | (simp_all [{names}]; done) | grind [{names}]"
    texts = [written(view, argument) for argument in call.arguments]
    for place, text in enumerate(texts):
        general = " ".join([call.function, *texts[:place], "acc", *texts[place + 1 :]])
        for form in COMBINED.get(text, ()):
            statement = f"have general : ∀ acc, {general} = {form.format(r=result)} := by"
            for variable in _inductive_variables(view, call):
                induction = f"  induction {variable} <;> intro acc <;> {closing}"
                yield f"{statement}\n{induction}\n{closing}", 0.10
                if text == "[]" and place == len(texts) - 1 > 0:
                    in_turn = _in_turn(call, texts[:-2], closing)
                    of_program = texts[-2].startswith("(")  # what a function made
                    yield f"{in_turn}\n{statement}\n{induction}\n{closing}", 0.15 if of_program else 0.09
            yield f"{statement}\n  intro acc\n  fun_induction {general} <;> {closing}\n{closing}", 0.04


def _in_turn(call: Call, before: list[str], closing: str) -> str:
    """Return the law that two parts of a list, such as a program's, are worked through one after the other."""
    f = " ".join([defined(call.function), *before])
    law = f"have law : ∀ x y z, {f} (x ++ y) z = {f} y ({f} x z) := by"
    return f"{law}\n  intro x y z\n  fun_induction {f} x z <;> {closing}"


def _inductive_variables(view: GoalView, call: Call) -> list[str]:
    names = [part.head for argument in call.arguments for part in argument if part.variable]
    return [name for name in dict.fromkeys(names) if not is_type(view, Term(name, variable=True))][:MOST_VARIABLES]


def _laws(view: GoalView, calls: list[Call]) -> Iterator[Weighted]:
    names = listed(view.cited)
    closing = f"first | (simp_all [{names}]; done) | grind [{names}]"
    has_lists = any(_is_list(part) for part in view.target)
    for law, weight in statements(signatures(view, calls), has_lists=has_lists):
        stated = (
            f"have law : ∀ {' '.join(law.binders)}, {law.equation} := by\n  intros {law.names}\n"
            f"  fun_induction {law.recursion} <;> {closing}"
        )
        yield f"{stated}{_used(view, closing)}", 0.05 * weight  # what else follows is for the next step


def _kept(view: GoalView) -> Iterator[Weighted]:
    """`P (f x y)` from `P y`, for a predicate of the target and the header's functions: what each step keeps."""
    predicate = view.target.head
    arguments = [arg for arg in view.target.args if not is_type(view, arg)]
    if view.target.variable or predicate not in view.definitions or len(arguments) != 1:
        return
    names = listed(view.cited)
    closing = f"first | (simp_all [{names}]; done) | grind [{names}]"
    p = defined(predicate)
    for function in [name for name in view.definitions if name != predicate and _is_function(name)][:MOST_FUNCTIONS]:
        f = defined(function)
        for binders, call in (("x y", f"{f} x y"), ("y", f"{f} y")):
            ways = " | ".join(
                f"({way} <;> {closing}; done)"
                for way in (f"fun_induction {p} y", f"fun_induction {call}", "(intro h; induction h)")
            )
            law = f"have law : ∀ {binders}, {p} y → {p} ({call}) := by\n  intro {binders}\n  first | {ways}"
            yield f"{law}{_used(view, closing)}", 0.06


def _counted(view: GoalView, calls: list[Call]) -> Iterator[Weighted]:
    """`f (g x) = f x + 1` and the like, for a function of the target and another of the header, which it may hide."""
    names = listed(view.cited)
    closing = f"first | (simp_all [{names}]; done) | grind [{names}]"
    outer = dict.fromkeys(defined(call.function) for call in calls if len(call.arguments) == 1)
    functions = [defined(name) for name in view.definitions if _is_function(name)]
    for f, g in [(f, g) for f in outer for g in functions if f != g][:MOST_PAIRS]:
        ways = [
            f"have law : ∀ {bound}, {f} ({g} {bound}) = {value.format(f=f, g=g)} := by\n"
            f"    intro {bound}\n    fun_induction {g} {bound} <;> {closing}"
            for bound in ("x", "y x")
            for value in VALUES
        ]
        yield "first\n" + "\n".join(f"| {way}" for way in ways) + _used(view, closing), 0.05


def _is_function(name: str) -> bool:
    return not name.rpartition(".")[2][:1].isupper()


def _used(view: GoalView, closing: str) -> str:
    """Return a line that proves the target by the law and an induction, if that will do."""
    kinds = {"List", "Nat", *view.definitions}
    found = [name for name in sorted(view.target.variables) if name in view.variables and accessible(name)]
    found = [name for name in found if view.variables[name].head in kinds]
    found.sort(key=lambda name: view.variables[name].head not in view.definitions)
    if not found:
        return ""
    first, *others = found
    general = f" generalizing {' '.join(others)}" if others else ""
    return f"\ntry (induction {first}{general} <;> {closing})"


def _is_list(term: Term) -> bool:
    return term.head.startswith("List.") or term.head == "HAppend.hAppend" or term.type == "List"


def signatures(view: GoalView, calls: list[Call]) -> dict[str, tuple[str, ...]]:
    """Return the types of the arguments of each function that is called, `_` where no call tells."""
    found: dict[str, list[str]] = {}
    for call in calls:
        types = found.setdefault(call.function, ["_"] * len(call.arguments))
        for place, argument in enumerate(call.arguments[: len(types)]):
            if argument.variable and argument.head in view.variables:
                with suppress(ValueError):
                    types[place] = type_text(view.variables[argument.head])
    return {function: tuple(types) for function, types in found.items()}


class Law(NamedTuple):
    """Typed variables, their names, an equation between them, and the call whose recursion may prove it."""

    binders: tuple[str, ...]
    names: str
    equation: str
    recursion: str


def statements(functions: dict[str, tuple[str, ...]], *, has_lists: bool) -> Iterator[tuple[Law, float]]:
    """Yield laws that functions of one or two arguments often have, with their weights.

    `functions`: the types of their arguments.
    """
    unary = {name: types for name, types in functions.items() if len(types) == 1}
    binary = {name: types for name, types in functions.items() if len(types) == 2}
    for f, (first, second) in itertools.islice(binary.items(), MOST_FUNCTIONS):
        both = first if first != "_" else second
        if "_" in (first, second) or first == second:
            yield Law((f"(x y z : {both})",), "x y z", f"{f} ({f} x y) z = {f} x ({f} y z)", f"{f} x y"), 1.0
        for g in itertools.islice(unary, MOST_FUNCTIONS):
            for right in (f"{f} ({g} x) ({g} y)", f"{f} ({g} y) ({g} x)", f"{g} x + {g} y", f"{g} x ++ {g} y"):
                yield Law((f"(x y : {both})",), "x y", f"{g} ({f} x y) = {right}", f"{f} x y"), 0.8
        if has_lists:
            yield (
                Law((f"(x y : {first})", f"(z : {second})"), "x y z", f"{f} (x ++ y) z = {f} y ({f} x z)", f"{f} x z"),
                1.0,
            )
            for sign in ("++", "+", "||", "&&"):
                typed = (f"(z : {first})", f"(x y : {second})")
                yield Law(typed, "z x y", f"{f} z (x ++ y) = ({f} z x {sign} {f} z y)", f"{f} z x"), 0.6
    for g, (type_,) in itertools.islice(unary.items(), MOST_FUNCTIONS if has_lists else 0):
        binders = (f"(x y : {type_})",)
        yield Law(binders, "x y", f"{g} (x ++ y) = {g} y ++ {g} x", f"{g} x"), 0.8
        for sign in ("++", "+", "*", "&&", "||"):
            yield Law(binders, "x y", f"{g} (x ++ y) = ({g} x {sign} {g} y)", f"{g} x"), 0.8
