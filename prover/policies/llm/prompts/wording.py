"""The words of a prompt, with places for what differs from one theorem to the next.

The words that models were trained on belong to their authors and do not ship. Ours stand in the formats; a user's file
(`--prompt-file`) takes their place, see `prompt_files.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import first_goal, normal
from prover.policies.llm.prompts.theorem_text import theorem_text, with_proof

PLACES: Mapping[str, str] = {
    "theorem": "header and statement, up to `:= by`",
    "commented": "the same, with the problem in words as a doc comment above the statement",
    "sorry": "the same, and `sorry` below it",
    "name": "the theorem's name",
    "problem": "the problem in words",
    "state": "all goals of the proof state",
    "goal": "the first goal, without its `case` line",
    "before": "the tactics that led to the state, a line each",
    "context": "the text before the cursor",
    "prefix": "what the user has typed of the tactic",
    "errors": "in a correction: every error, each in the words of `[error]`",
    "round": "in a correction: which answer it is about, from 1",
    "number": "in an error: which it is, from 1",
    "code": "in an error: the lines around it, its place marked by <error></error>",
    "message": "in an error: what Lean says",
}
"""What `{...}` stands for in the words of a prompt."""

GOALS = ("theorem", "commented", "sorry", "state", "goal", "context")
"""Places of which a prompt must have one: what is to be proved."""

_PLACE = re.compile(rf"\{{({'|'.join(PLACES)})\}}")
_NAME = re.compile(r"\b(?:theorem|lemma)\s+([^\s:({\[]+)")


@dataclass(frozen=True, slots=True)
class Wording:
    """Raw text that the model continues, or a chat: a system message if there is one, then the user's.

    `correction`: the user's message after an answer that failed. `error`: how each of its errors is shown. A line that
    begins with `{?place}` is left out where that place has nothing to show.
    """

    text: str = ""
    system: str = ""
    user: str = ""
    correction: str = ""
    error: str = ""


def filled(words: str, values: Mapping[str, str]) -> str:
    """Return words with their places filled in; what is filled in is not read again."""
    lines: list[str] = []
    for line in words.split("\n"):
        if condition := re.match(r"\{\?(\w+)\}", line):
            if not values.get(condition[1], "").strip():
                continue
            line = line[condition.end() :]
        lines.append(line)
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), "\n".join(lines))


def values_of(query: Query) -> dict[str, str]:
    """Return what a query has for each place of the opening message, or of raw text."""
    commented = theorem_text(query, comment=True)
    names = _NAME.findall(query.context) or _NAME.findall(query.statement)  # of a file, the last is about the place
    return {
        "theorem": theorem_text(query),
        "commented": commented,
        "sorry": with_proof(commented, "sorry"),
        "name": names[-1] if names else "",
        "problem": query.problem,
        "state": normal(query.state),
        "goal": first_goal(query.state),
        "before": "\n".join(query.before),
        "context": query.context,
        "prefix": query.prefix,
    }
