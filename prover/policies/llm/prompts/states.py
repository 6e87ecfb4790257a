"""Proof states as models expect them: which goals, with or without `case` lines, and how to shorten them.

Lean, its REPL and LeanDojo print goals slightly differently; a model was trained on one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_COUNT = re.compile(r"\A\s*\d+ goals?:?[ \t]*\n")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_CASE = re.compile(r"\Acase [^\n]*\n")
_TRIVIAL = re.compile(r"^this[^\s:]*(?: this[^\s:]*)* : True[ \t]*\n", re.MULTILINE)
_HYPOTHESIS = re.compile(r"^(?=\S)", re.MULTILINE)
_TARGET = re.compile(r"^(?:⊢|\|) ", re.MULTILINE)
_ISABELLE_GOAL = re.compile(r"^goal(?: \(\d+ subgoals?\))?:", re.MULTILINE)
_ISABELLE_SECOND = re.compile(r"^ 2\. ", re.MULTILINE)


def goals(state: str) -> list[str]:
    """Return the goals of a Lean state, without the line with their number."""
    text = _COUNT.sub("", state.replace("\r\n", "\n")).strip()
    return _BLANK_LINES.split(text)


def normal(state: str) -> str:
    """Return a Lean state as LeanDojo prints it: `case` lines kept, one blank line between goals."""
    return "\n\n".join(goals(state))


def first_goal(state: str) -> str:
    """Return the first goal without its `case` line and without hypotheses `this : True`."""
    return _TRIVIAL.sub("", _CASE.sub("", goals(state)[0]))


def target(state: str) -> str:
    """Return the target of the first goal of a Lean state with its `⊢`; the whole goal if it has none."""
    goal = goals(state)[0]
    found = _TARGET.search(goal)
    return goal[found.start() :] if found else goal


def shorter(state: str) -> Iterator[str]:
    """Yield ever shorter versions of a Lean state: without further goals, then without hypotheses from the first on."""
    first, *others = goals(state)
    while others:
        others.pop()
        yield "\n\n".join([first, *others])
    wanted = target(first)
    case = _CASE.match(first)
    given = first[case.end() if case else 0 : len(first) - len(wanted)]
    for place in [found.start() for found in _HYPOTHESIS.finditer(given)][1:]:
        yield (case[0] if case else "") + given[place:] + wanted
    yield wanted


def shorter_isabelle(state: str) -> Iterator[str]:
    """Yield ever shorter versions of an Isabelle state: without further subgoals, then without facts."""
    goal = _ISABELLE_GOAL.search(state)
    second = _ISABELLE_SECOND.search(state, goal.end() if goal else 0)
    alone = state[: second.start()].rstrip() if second else state
    yield alone
    if goal:
        yield alone[goal.start() :]
