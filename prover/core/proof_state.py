"""Proof states, and the five things that can happen to a tactic."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Literal

from prover.core.effort import Limit

RawTerm = str | int | list["RawTerm"]
"""A term as the assistant's own data, see environments/lean_wasm/node/terms.mjs; read by `prover.policies.terms`."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A hypothesis or variable that tactics can name; its type: head symbol (`And`, `Nat`, `→`, ...) and term."""

    name: str
    head: str
    term: RawTerm | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal as the assistant prints it; equal to any goal that is printed alike.

    `unseen`: what tactics may use here and the assistant does not print (Isabelle's local facts); it belongs to the
    identity. `target` is the head symbol of what is to be shown: a constant's full name, or `→` (also ∀), `Sort`,
    `variable`, `metavariable`, `let`, `term`; `term` is all of it. `definitions` are the constants of the theorem's own
    header that occur, `instances` those of its instances that have no name of their own (`instAddVec`).
    """

    text: str
    target: str = field(default="term", compare=False)
    hypotheses: tuple[Hypothesis, ...] = field(default=(), compare=False)
    definitions: tuple[str, ...] = field(default=(), compare=False)
    term: RawTerm | None = field(default=None, compare=False)
    unseen: str = ""
    instances: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class ProofState:
    """What is left to prove. Equal when printed alike.

    That is a heuristic (types that are not printed may differ): it can cost a proof, never make a wrong one,
    because verification decides.
    """

    goals: tuple[Goal, ...]

    @property
    def text(self) -> str:
        """All goals as printed, separated by empty lines."""
        return "\n\n".join(goal.text for goal in self.goals)

    @property
    def unseen(self) -> str:
        """What tactics may use here and no goal shows."""
        return "\n".join(goal.unseen for goal in self.goals if goal.unseen)


@dataclass(frozen=True, slots=True)
class Advanced:
    """The tactic succeeded and goals are left.

    Here and below, `elapsed_s` is the assistant's own time for it, and `effort` what it has spent (units, see
    `prover.core.effort`).

    `written`, here and below: what replaces the tactic in the proof, for instance the step that a hammer has found.
    """

    state: ProofState
    elapsed_s: float = field(default=0.0, compare=False)
    written: str | None = field(default=None, compare=False)
    effort: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """No goals are left, and the assistant's kernel accepts the term.

    In a session whose proofs are verified later, the lemmas that tactics made on the way are left to that.
    """

    elapsed_s: float = field(default=0.0, compare=False)
    written: str | None = field(default=None, compare=False)
    effort: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The tactic failed, with the assistant's message.

    `of_machine`, here and below: what failed was the machine; another time it may be otherwise. It is never cached.
    """

    message: str
    elapsed_s: float = field(default=0.0, compare=False)
    effort: float = field(default=0.0, compare=False)
    of_machine: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The tactic used `sorry` in some form."""

    message: str
    elapsed_s: float = field(default=0.0, compare=False)
    effort: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The tactic ran out of effort, or out of time (or memory). What did not run at all has no outcome."""

    message: str
    elapsed_s: float = field(default=0.0, compare=False)
    effort: float = field(default=0.0, compare=False)
    limit: Literal[Limit.EFFORT, Limit.TIME] = field(default=Limit.TIME, compare=False)
    of_machine: bool = field(default=False, compare=False)


TacticOutcome = Advanced | Closed | Rejected | GaveUp | TimedOut


def normalise_tactic(text: str) -> str:
    """Return `text` without common indentation, outer blank lines and trailing spaces: as it goes into a proof."""
    lines = textwrap.dedent(text.replace("\r\n", "\n").expandtabs(4)).strip("\n").split("\n")
    first = lines[0].strip()
    return "\n".join([first, *(line.rstrip() for line in lines[1:])]).strip("\n")
