"""Lemma discovery in a stuck induction step: forget what a call was, and prove the goal for whatever stands there.

In `(insert x (sort xs)).length = xs.length + 1` the hypothesis of the induction puts `(sort xs).length` for
`xs.length`, and `sort xs` becomes a new list, about which the goal is a lemma with an induction of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, listed, written

MOST_CALLS = 3
MOST_EQUATIONS = 2
OF_CONS = "List.length_cons, List.count_cons, List.map_cons, List.filter_cons, List.sum_cons, List.mem_cons"


def generalising(view: GoalView) -> Iterator[Weighted]:
    """Replace calls of the header's functions by variables, after rewriting with the equations at hand."""
    if not view.definitions:
        return
    names = listed(view.cited)
    yield from _from_the_start(view, names)
    yield from _commuting(view, names)
    new = fresh("g", view.variables)
    equations = [f.name for f in view.facts if f.term.head == "=" and accessible(f.name)]
    backwards = [f"rw [← {name}]\n" for name in reversed(equations[-MOST_EQUATIONS:])]
    backwards += [f"simp only [{OF_CONS}]\n{step}" for step in backwards[:1]]
    for place, call in enumerate(_calls(view)[:MOST_CALLS]):
        weight = 0.7**place
        for opening in [*backwards, ""]:
            general = f"{opening}generalize {call} = {new}"
            cleared = f"{general} at *\nclear {' '.join(equations)}" if equations and opening else general
            for finish in (f"grind [{names}]", f"simp_all [{names}]", f"simp_all [{names}] <;> grind [{names}]"):
                yield f"{cleared}\ninduction {new} <;> {finish}", (0.05 if opening else 0.02) * weight
            yield cleared, 0.008 * weight


def _from_the_start(view: GoalView, names: str) -> Iterator[Weighted]:
    """The induction on a list, and the lemma that its step needs, in one."""
    lists = {name for name, type_ in view.variables.items() if type_.head == "List" and accessible(name)}
    for part in view.target:
        match part:
            case Term(head=function, args=(*_, Term(variable=True, head=variable))) if (
                variable in lists and function in view.definitions
            ):
                step = f"rw [← ih]\n  generalize {defined(function)} tail = general\n  clear ih"
                finish = f"induction general <;> first | grind [{names}] | (simp_all [{names}]; done)"
                for rules in (defined(function), f"{defined(function)}, {OF_CONS}"):
                    cons = f"| cons head tail ih =>\n  simp only [{rules}]\n  {step}\n  {finish}"
                    yield f"induction {variable} with\n| nil => simp [{names}]\n{cons}", 0.06
                return


def _commuting(view: GoalView, names: str) -> Iterator[Weighted]:
    """`f a b = f b a`, of which f reads one by its constructors: the step forgets its hypothesis when it is used."""
    match view.target:
        case Term("=", (Term(head=function, args=left), Term(head=other, args=right))) if (
            function == other and function in view.definitions and left[-2:] == right[-2:][::-1]
        ):
            variables = [arg.head for arg in left[-2:] if arg.variable and accessible(arg.head)]
            for x, y in itertools.permutations(variables, 2):
                inner = f"induction {y} <;> simp_all [{names}]"
                step = f"simp only [{names}]; rename_i ih; (first | rw [ih] | rw [← ih]); clear ih; {inner}; done"
                yield f"induction {x} <;> first | ({step}) | ({inner}; done)", 0.06


def _calls(view: GoalView) -> list[str]:
    """Return the calls of the header's functions inside of other terms, the innermost first."""
    found: dict[str, None] = {}
    for part in view.target:
        for argument in part.args:
            if not argument.variable and argument.head in view.definitions and argument.args:
                try:
                    found[written(view, argument)] = None
                except ValueError:
                    continue
    return list(reversed(found))
