"""Lemmas that an induction needs and the goal does not state, proved on the way.

An accumulator has to be general before the induction: `f x [] = r` follows from `∀ acc, f x acc = r ++ acc`. A function
that meets `xs ++ ys`, or an operation of the header, needs its law. Each candidate states one lemma of that form; where
it is false or has no such proof, the tactic fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import defined, is_type, written

MOST_VARIABLES = 2
MOST_FUNCTIONS = 3
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
    calls = [call for call in map(lambda part: _call(view, part), view.target) if call]
    yield from _accumulators(view)
    yield from _laws(view, calls)


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
    names = ", ".join(map(defined, view.definitions))
    closing = f"first | (simp_all [{names}]; done) | grind [{names}]"
    texts = [written(view, argument) for argument in call.arguments]
    for place, text in enumerate(texts):
        general = " ".join([call.function, *texts[:place], "acc", *texts[place + 1 :]])
        for form in COMBINED.get(text, ()):
            statement = f"have general : ∀ acc, {general} = {form.format(r=result)} := by"
            for variable in _inductive_variables(view, call):
                induction = f"  induction {variable} <;> intro acc <;> {closing}"
                yield f"{statement}\n{induction}\n{closing}", 0.10
            yield f"{statement}\n  intro acc\n  fun_induction {general} <;> {closing}\n{closing}", 0.04


def _inductive_variables(view: GoalView, call: Call) -> list[str]:
    names = [part.head for argument in call.arguments for part in argument if part.variable]
    return [name for name in dict.fromkeys(names) if not is_type(view, Term(name, variable=True))][:MOST_VARIABLES]


def _laws(view: GoalView, calls: list[Call]) -> Iterator[Weighted]:
    names = ", ".join(map(defined, view.definitions))
    variables = [name for call in calls for name in _inductive_variables(view, call)]
    arities = {call.function: len(call.arguments) for call in calls}
    for law, weight in _statements(arities, has_lists=any(_is_list(part) for part in view.target)):
        unfolded = f"first | (simp_all [{names}]; done) | grind [{names}]"
        by_recursion = "\n".join(f"    | (fun_induction {call} <;> {unfolded})" for call in law.recursions)
        stated = f"have law : {law.statement} := by\n  intros {law.variables}\n  first\n{by_recursion}"
        yield stated, 0.006 * weight
        for variable in dict.fromkeys(variables[:MOST_VARIABLES]):
            yield f"{stated}\ninduction {variable} <;> {unfolded}", 0.03 * weight


def _is_list(term: Term) -> bool:
    return term.head.startswith("List.") or term.head == "HAppend.hAppend" or term.type == "List"


class Law(NamedTuple):
    """A statement, its variables, and the calls after which an induction may prove it."""

    statement: str
    variables: str
    recursions: tuple[str, ...]


def _statements(arities: dict[str, int], *, has_lists: bool) -> Iterator[tuple[Law, float]]:
    """Yield laws with their weights."""
    unary = [name for name, arity in arities.items() if arity == 1][:MOST_FUNCTIONS]
    binary = [name for name, arity in arities.items() if arity == 2][:MOST_FUNCTIONS]
    for f in binary:
        associative = Law(f"∀ x y z, {f} ({f} x y) z = {f} x ({f} y z)", "x y z", (f"{f} x y",))
        yield associative, 1.0
        for g in unary:
            yield Law(f"∀ x y, {g} ({f} x y) = {f} ({g} x) ({g} y)", "x y", (f"{f} x y",)), 0.8
            yield Law(f"∀ x y, {g} ({f} x y) = {f} ({g} y) ({g} x)", "x y", (f"{f} x y",)), 0.8
            for operation in ("+", "++"):
                law = Law(f"∀ x y, {g} ({f} x y) = {g} x {operation} {g} y", "x y", (f"{f} x y",))
                yield law, 0.8
        if has_lists:
            yield Law(f"∀ x y z, {f} (x ++ y) z = {f} y ({f} x z)", "x y z", (f"{f} x z",)), 1.0
            for operation in ("++", "+", "||", "&&"):
                law = Law(f"∀ z x y, {f} z (x ++ y) = ({f} z x {operation} {f} z y)", "z x y", (f"{f} z x",))
                yield law, 0.6
    for g in unary if has_lists else ():
        for operation in ("++", "+", "*", "&&", "||"):
            law = Law(f"∀ x y, {g} (x ++ y) = ({g} x {operation} {g} y)", "x y", (f"{g} x",))
            yield law, 0.8
        yield Law(f"∀ x y, {g} (x ++ y) = {g} y ++ {g} x", "x y", (f"{g} x",)), 0.5
