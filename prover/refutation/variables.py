"""What a statement quantifies over, read from the first goal that Lean prints of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from prover.core.proof_state import Goal
from prover.refutation.types import TypeTerm, read_type

_TARGET = re.compile(r"^⊢ ", re.MULTILINE)
_NAMES = re.compile(r"^(?P<names>[^\s:]+(?: [^\s:]+)*) : ", re.MULTILINE)


class Kind(Enum):
    """What stands for a variable in an instance of the statement."""

    DATA = "a value"
    PROOF = "a proof"
    INSTANCE = "an instance that Lean finds"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, hypothesis or instance, in the order in which the statement has them."""

    name: str
    text: str
    type: TypeTerm | None

    @property
    def nameless(self) -> bool:
        """Can tactics not speak of it?"""
        return "✝" in self.name


def variables_of(goal: Goal) -> tuple[Variable, ...]:
    """Return what stands before the goal's `⊢`."""
    target = _TARGET.search(goal.text)
    context = goal.text[: target.start()] if target else ""
    starts = list(_NAMES.finditer(context))
    ends = [*(start.start() for start in starts[1:]), len(context)]
    found = []
    for start, end in zip(starts, ends, strict=False):
        text = " ".join(context[start.end() : end].split())
        found += [Variable(name, text, read_type(readable(text))) for name in start["names"].split()]
    return tuple(found)


def readable(text: str) -> str:
    """Return text in which the names that Lean marks as out of reach are words like others."""
    return text.replace("✝", "_")


def named(variables: Sequence[Variable]) -> tuple[list[Variable], list[str]]:
    """Return variables that all have names, and the new names."""
    found: list[Variable] = []
    new: list[str] = []
    used = {variable.name for variable in variables}
    for variable in variables:
        if not variable.nameless:
            found.append(variable)
            continue
        base = variable.name.partition("✝")[0]
        numbered = (f"{base}_{i}" for i in itertools.count(1))
        name = next(n for n in itertools.chain((base,), numbered) if n not in used)
        used.add(name)
        new.append(name)
        found.append(Variable(name, variable.text, variable.type))
    return found, new
