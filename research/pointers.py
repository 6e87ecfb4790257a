"""Pointers instead of names: what the small Llama reads and writes.

A model of a few million parameters cannot spell the names of a library. It reads the names of the premises that were
retrieved for the goal, each behind its number, and writes `P1`, `P2` and so on where a tactic cites one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import fitted, from_a_line
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import first_goal, goals, target

PREMISES = 8
STATE_CHARACTERS = 600
_POINTER = re.compile(r"\bP([1-9]\d?)\b")
_NAME = re.compile(r"[^\W\d][\w'!?.]*")


@dataclass(frozen=True, slots=True)
class PointerFormat:
    """The first goal, how many there are besides, the premises by number; a line break ends the tactic."""

    name: str = "pointers"
    stop: tuple[str, ...] = ("\n",)
    max_tokens: int = 40
    temperature: float = 1.0
    top_p: float = 1.0
    samples: int = 16
    whole_proof: bool = False
    corrects: bool = False
    own_words: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt. Of many hypotheses the last ones are kept."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the first line with the premises' names in it; None if it points to a premise that there is not."""
        written = tactic(text, query, stop=self.stop)
        names = _names(query)
        if written is None or any(int(found[1]) > len(names) for found in _POINTER.finditer(written)):
            return None
        return _POINTER.sub(lambda found: names[int(found[1]) - 1], written)

    def answer(self, written: str, query: Query) -> str | None:
        """Return what the model should write for a tactic: pointers for names; None if that would not come back."""
        numbers = {name: f"P{number}" for number, name in enumerate(_names(query), start=1)}
        pointed = _NAME.sub(lambda found: _pointed(found[0], numbers), written)
        return pointed + self.stop[0] if self.parse(pointed, query) == written else None

    def _write(self, query: Query, _: int) -> str:
        goal, others = first_goal(query.state), len(goals(query.state)) - 1
        given = goal.removesuffix(target(goal))
        goal = from_a_line(given, len(goal) - STATE_CHARACTERS) + target(goal)
        premises = "".join(f"P{number} {name}\n" for number, name in enumerate(_names(query), start=1))
        return f"{premises}{goal}{f' +{others}' if others else ''}\n=> {query.prefix}"


def _names(query: Query) -> list[str]:
    """Return the names of the premises that a prompt shows."""
    return [line.partition(" : ")[0] for line in islice(query.premises, PREMISES)]


def _pointed(name: str, numbers: dict[str, str]) -> str:
    """Return the pointer for a name, which dots behind it may belong to (`exact Nat.add_comm ..`)."""
    bare = name.rstrip(".")
    return numbers.get(bare, bare) + name[len(bare) :]
