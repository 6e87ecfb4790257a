"""What the community REPL answers, read from its JSON. Only this file knows its shapes.

Protocol: leanprover-community/repl @8948401, `REPL/JSON.lean` and `REPL/Main.lean`. Empty lists are left out of
answers; unknown members are ignored. A tactic fails in two shapes: an answer that is only a `message`, and (where
Lean recovered from an error in a term) an ordinary answer with messages of severity `error`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from prover.environments.syntax.lean.screening import bare_proof
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, Message

Json = Mapping[str, Any]
COMPLETED = "Completed"
NO_STATUS = (
    "this REPL does not say whether a proof is complete (`proofStatus`), so that nothing could ever be proved: "
    "it must be the community REPL of Lean v4.19 or later, or one that `prover setup --lean-project` builds"
)
_SUGGESTION = re.compile(r"Try th(?:is|ese):\s*(?:•\s*)?(?:\[\w+\]\s*)?(?P<tactic>.+)", re.DOTALL)
_NEXT_SUGGESTION = re.compile(r"\n\s*(?:•|\[\w+\])")
_USES_SORRY = re.compile(r"declaration uses ['`]sorry['`]")
_LEAN_ERROR = "Lean error:\n"
_SEVERITIES: dict[str, Literal["info", "warning", "error"]] = {
    "trace": "info",
    "info": "info",
    "information": "info",
    "warning": "warning",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class Sorry:
    """A `sorry` of a command: its goal as printed, the number of its proof state if it has one, where it stands."""

    goal: str
    proof_state: int | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """Commands were elaborated, with or without errors; `env` is what they lead to."""

    env: int
    messages: tuple[Message, ...]
    sorries: tuple[Sorry, ...]

    @property
    def errors(self) -> tuple[Message, ...]:
        """The messages that are errors."""
        return tuple(message for message in self.messages if message.severity == "error")

    @property
    def uses_sorry(self) -> bool:
        """Does anything in it use `sorry`? Asked of sorries and of warnings, in the words of old and new Lean."""
        return bool(self.sorries) or self.unproved > 0

    @property
    def unproved(self) -> int:
        """How many declarations use `sorry`, by Lean's warnings."""
        return sum(_USES_SORRY.search(message.text) is not None for message in self.messages)


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """A tactic was run: the new state, its goals as printed, and what the REPL makes of the whole proof."""

    proof_state: int
    goals: tuple[str, ...]
    messages: tuple[Message, ...]
    sorries: tuple[Sorry, ...]
    status: str

    @property
    def error(self) -> str | None:
        """What failed in spite of an ordinary answer, or None."""
        return next((message.text for message in self.messages if message.severity == "error"), None)

    @property
    def gave_up(self) -> bool:
        """Does the proof rest on `sorry`?"""
        return bool(self.sorries) or "contains sorry" in self.status

    @property
    def suggestion(self) -> str | None:
        """The first thing that `exact?`, `simp?` and the like suggest in their place, or None."""
        said = (_SUGGESTION.search(message.text) for message in self.messages if message.severity == "info")
        found = next((match for match in said if match), None)
        return None if found is None else bare_proof(_NEXT_SUGGESTION.split(found["tactic"])[0]).strip()

    @property
    def completed(self) -> bool:
        """The only sign of a proof: status `Completed`, no goals, no error, no `sorry`."""
        return self.status == COMPLETED and not self.goals and self.error is None and not self.gave_up


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request failed, with the REPL's or Lean's message."""

    message: str

    @property
    def lost(self) -> bool:
        """Does the REPL not have what was named? Then it is not the process that we spoke to before."""
        return self.message in ("Unknown proof state.", "Unknown environment.")


def read_command(answer: Json) -> CommandAnswer | Refusal:
    """Read the answer to `{"cmd": ...}` or `{"path": ...}`. Raises EnvironmentProtocolError."""
    if "env" not in answer:
        return _refusal(answer)
    return CommandAnswer(_number(answer, "env"), _messages(answer), _sorries(answer))


def read_step(answer: Json) -> StepAnswer | Refusal:
    """Read the answer to `{"proofState": ..., "tactic": ...}`.

    Raises:
        EnvironmentProtocolError: it is of no known shape.
        EnvironmentUnavailableError: the REPL is one that never says that a proof is complete.
    """
    if "proofState" not in answer:
        return _refusal(answer)
    number = _number(answer, "proofState")
    if "proofStatus" not in answer:
        raise EnvironmentUnavailableError(NO_STATUS)
    return StepAnswer(
        number,
        tuple(str(goal) for goal in answer.get("goals", ())),
        _messages(answer),
        _sorries(answer),
        str(answer["proofStatus"]),
    )


def _refusal(answer: Json) -> Refusal:
    if "message" not in answer:
        raise EnvironmentProtocolError(f"the REPL's answer is of no known shape: {str(dict(answer))[:200]}")
    text = str(answer["message"])
    return Refusal(re.sub(r"^<input>:\d+:\d+: ", "", text.removeprefix(_LEAN_ERROR)))


def _number(answer: Json, member: str) -> int:
    value = answer[member]
    if not isinstance(value, int):
        raise EnvironmentProtocolError(f"the REPL answers {member} {value!r}")
    return value


def _messages(answer: Json) -> tuple[Message, ...]:
    return tuple(
        Message(_SEVERITIES.get(m["severity"], "error"), str(m["data"]), m["pos"]["line"], m["pos"]["column"])
        for m in answer.get("messages", ())
    )


def _sorries(answer: Json) -> tuple[Sorry, ...]:
    return tuple(
        Sorry(str(s.get("goal", "")), s.get("proofState"), s.get("pos", {}).get("line", 0),
              s.get("pos", {}).get("column", 0))
        for s in answer.get("sorries", ())
    )  # fmt: skip
