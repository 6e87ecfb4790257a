"""The policies that ship, in one table.

The command line, the REST schema, the page and the documentation read it; `prover.assembly.policies` and
`prover.assembly.isabelle` have a function for each name that builds the policy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prover.errors import InvalidPolicyError

Assistant = Literal["lean", "isabelle"]
TITLES: dict[Assistant, str] = {"lean": "Lean", "isabelle": "Isabelle"}


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy that can be asked for by name.

    `summary` says what it does, without the final full stop. `argument` is what follows the name and a colon.
    """

    name: str
    summary: str
    assistants: tuple[Assistant, ...] = ("lean",)
    needs_model: bool = False
    argument: str = ""

    @property
    def usage(self) -> str:
        """How it is asked for: the name, and the argument if it takes one."""
        return f"{self.name}:{self.argument}" if self.argument else self.name

    @property
    def only(self) -> str:
        """The one proof assistant it is for, empty if it is for all."""
        return "" if len(self.assistants) == len(TITLES) else ", ".join(TITLES[each] for each in self.assistants)


BOTH: tuple[Assistant, ...] = ("lean", "isabelle")
POLICIES = (
    PolicyEntry("closers", "the proof assistant's automation, and steps that the goal suggests", BOTH),
    PolicyEntry("ranked", "the closers in an order that was learned"),
    PolicyEntry("model", "a language model alone", BOTH, needs_model=True),
    PolicyEntry("mixture", "the closers and a language model in turns", BOTH, needs_model=True),
    PolicyEntry("agent", "a chat model that gives one step at a time and is told what failed", needs_model=True),
    PolicyEntry(
        "sketch",
        "a language model writes a proof with gaps, which the closers fill",
        ("isabelle",),
        needs_model=True,
    ),
    PolicyEntry("scripted", "tactics of your own, tried at every state", BOTH, argument="TACTIC;;TACTIC..."),
)
"""All of them, in the order in which they are listed everywhere."""


@dataclass(frozen=True, slots=True)
class ChosenPolicy:
    """An entry, and the argument that was given."""

    entry: PolicyEntry
    argument: str = ""


def assistant_of(environment: str) -> Assistant:
    """Return the proof assistant behind an environment of that name."""
    return "isabelle" if environment == "isabelle" else "lean"


def policies_for(assistant: Assistant | None = None) -> tuple[PolicyEntry, ...]:
    """Return the policies for that proof assistant, or all."""
    return tuple(entry for entry in POLICIES if assistant is None or assistant in entry.assistants)


def choose(name: str, assistant: Assistant | None = None, *, model: bool = True) -> ChosenPolicy:
    """Return the policy that `name` asks for, such as `closers` or `scripted:simp;;omega`.

    Without an `assistant` it may be for any. `model`: is there a language model?

    Raises:
        InvalidPolicyError: that assistant has no such policy, or the policy needs a model and there is none.
    """
    head, colon, argument = name.partition(":")
    entries = policies_for(assistant)
    entry = next((entry for entry in entries if entry.name == head), None)
    if entry is None or not (argument.strip() if entry.argument else not colon):
        whose = f" for {TITLES[assistant]}" if assistant else ""
        raise InvalidPolicyError(
            f"there is no policy {name!r}{whose}; there are: {', '.join(entry.usage for entry in entries)}"
        )
    if entry.needs_model and not model:
        raise InvalidPolicyError(f"the policy {entry.name} needs a language model: --model URL")
    return ChosenPolicy(entry, argument)


def described(entries: Sequence[PolicyEntry] = POLICIES) -> str:
    """Return the policies with what each does, as one sentence of a help text."""
    return "; ".join(
        f"{entry.usage} ({entry.summary}{f'; {entry.only} only' if entry.only else ''})" for entry in entries
    )


def pattern(entries: Sequence[PolicyEntry] = POLICIES) -> str:
    """Return the regular expression, as JSON Schema has them, of what `choose` takes for any assistant."""
    forms = (re.escape(entry.name) + (r":[\s\S]*\S[\s\S]*" if entry.argument else "") for entry in entries)
    return f"^({'|'.join(forms)})$"
