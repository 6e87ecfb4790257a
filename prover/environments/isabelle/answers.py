"""What PISA answers, read from its strings: errors travel in the same field as proof states. Only this file knows how.

Protocol: PISA `Server.IsabelleCommand` @56def2c. An error is told by how an answer *begins*; a goal that mentions an
error is a goal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prover.errors import EnvironmentProtocolError

_FAILURES = ("Step error: ", "Unknown error: ")
_LOST = "Didn't find top level state of given name: "
_HAMMER = " <hammer> "
_MARKUP = re.compile("[\x05\x06][^\x05]*\x05|[\x00-\x08\x0b-\x1f\x7f]")
_TIMEOUT = re.compile(
    r"\s*(exception\s+)?(Timeout after|Timeout\.TIMEOUT|TIMEOUT\b|Futures timed out|Interrupt\b)", re.I
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The commands succeeded. `state` as printed, empty outside of proofs; `step`: what a hammer found."""

    state: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A command failed with Isabelle's message."""

    message: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The server does not have the state that was named: it is not the process that we spoke to before."""

    name: str


Answer = Applied | Failed | Lost


def read_answer(text: str, *, hammer: bool = False) -> Answer:
    """Return what an answer to `<apply to top level state>` means; `hammer`: a hammer was asked for.

    Raises:
        EnvironmentProtocolError: the answer to a hammer tells no step.
    """
    if text.startswith(_LOST):
        return Lost(text.removeprefix(_LOST).strip())
    for prefix in _FAILURES:
        if text.startswith(prefix.rstrip()):
            message = plain(text[len(prefix.rstrip()) :]).strip()
            return Failed(message or "an error without a message", bool(_TIMEOUT.match(message)))
    if not hammer:
        return Applied(plain(text).strip("\n"))
    step, mark, state = text.partition(_HAMMER)
    if not mark:
        step, mark, state = text.partition(_HAMMER.rstrip())
    if not mark or not step.strip():
        raise EnvironmentProtocolError(f"the hammer's answer tells no step: {text[:200]!r}")
    return Applied(plain(state).strip("\n"), plain(step).strip())


def read_flag(text: str) -> bool | Lost:
    """Return the answer to `<is finished>`: proof level 0, which is neither success nor the right theorem."""
    if text.startswith(_LOST):
        return Lost(text.removeprefix(_LOST).strip())
    if text.strip() not in ("true", "false"):
        raise EnvironmentProtocolError(f"neither true nor false: {text[:200]!r}")
    return text.strip() == "true"


def plain(text: str) -> str:
    """Return text without Isabelle's markup and control characters."""
    return _MARKUP.sub("", text)
