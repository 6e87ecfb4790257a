"""What PISA answers, read from its strings: errors travel in the same field as proof states. Only this file knows how.

Protocol: PISA `Server.IsabelleCommand` @56def2c. An error is told by how an answer *begins*; a goal that mentions an
error is a goal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prover.environments.machine_errors import speaks_of_machine
from prover.errors import EnvironmentProtocolError

_STEP, _UNKNOWN = "Step error:", "Unknown error:"
LOST_STATE = "Didn't find top level state of given name: "
_HAMMER = " <hammer> "
_MARKUP = re.compile("[\x05\x06][^\x05]*\x05|[\x00-\x08\x0b-\x1f\x7f]")
_TIMEOUT = re.compile(
    r"\s*(exception\s+)?([\w.]*TimeoutException:\s*)?"
    r"(Timeout after|Timeout\.TIMEOUT|TIMEOUT\b|Futures timed out|Interrupt\b)",
    re.I,
)
_NO_STEP = re.compile(r"command expected|no proof found by sledgehammer(?:: (?P<why>[^\n]+))?", re.I)
"""After a hammer without a find, PISA runs the word `error`, which is no command; ours says why."""
NOTHING_FOUND = "the hammer found nothing"


@dataclass(frozen=True, slots=True)
class Applied:
    """The commands succeeded. `state` as printed, empty outside of proofs; `step`: what a hammer found.

    `level`: the proof level, where the server says it.
    """

    state: str
    step: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A command failed with Isabelle's message."""

    message: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The server does not have the state that was named: it is not the process that we spoke to before."""

    name: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The machine failed, not the command: the process behind the server is gone, for instance."""

    message: str


Answer = Applied | Failed | Lost | Broken


def read_answer(text: str, *, hammer: bool = False) -> Answer:
    """Return what an answer to `<apply to top level state>` means; `hammer`: a hammer was asked for.

    Raises:
        EnvironmentProtocolError: the answer to a hammer tells no step.
    """
    if text.startswith(LOST_STATE):
        return Lost(text.removeprefix(LOST_STATE).strip())
    if text.startswith(_UNKNOWN):  # whatever is no error of Isabelle's own
        message = plain(text.removeprefix(_UNKNOWN)).strip()
        return Failed(message, timed_out=True) if _is_timeout(message) else Broken(message or "an unknown error")
    if text.startswith(_STEP):
        message = plain(text.removeprefix(_STEP)).strip()
        if speaks_of_machine(message):
            return Broken(message)
        if hammer and (found := _NO_STEP.search(message)):
            return Failed(f"{NOTHING_FOUND}: {found['why']}" if found["why"] else NOTHING_FOUND)
        return Failed(message or "an error without a message", _is_timeout(message))
    if not hammer:
        return Applied(plain(text).strip("\n"))
    step, mark, state = text.partition(_HAMMER)
    if not mark:
        step, mark, state = text.partition(_HAMMER.rstrip())
    if not mark or not step.strip():
        raise EnvironmentProtocolError(f"the hammer's answer tells no step: {text[:200]!r}")
    return Applied(plain(state).strip("\n"), plain(step).strip())


def _is_timeout(message: str) -> bool:
    return bool(_TIMEOUT.match(message))


def read_flag(text: str) -> bool | Lost | Broken:
    """Return the answer to `<is finished>`: proof level 0, which is neither success nor the right theorem."""
    if text.startswith(LOST_STATE):
        return Lost(text.removeprefix(LOST_STATE).strip())
    if text.startswith(_UNKNOWN):
        return Broken(plain(text.removeprefix(_UNKNOWN)).strip())
    if text.strip() not in ("true", "false"):
        raise EnvironmentProtocolError(f"neither true nor false: {text[:200]!r}")
    return text.strip() == "true"


def plain(text: str) -> str:
    """Return text without Isabelle's markup and control characters."""
    return _MARKUP.sub("", text)
