"""Header and statement in a REPL process: what search and verification begin with."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from prover.environments.lean_repl.answers import CommandAnswer, Refusal, Sorry, read_command
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.environments.syntax.lean.statement import LeanStatement
from prover.errors import InvalidTheoremError, Message, SessionCrashedError

OUT_OF_EFFORT = re.compile(r"maximum number of heartbeats|deterministic\) timeout|\(kernel\) deterministic timeout")


async def elaborate(process: ReplProcess, text: str, env: int, *, timeout_s: float) -> CommandAnswer:
    """Elaborate commands on top of an environment of the process.

    Raises:
        AnswerTimeoutError: it takes too long; the process has been ended.
        SessionCrashedError: the process ended, or does not have the environment.
    """
    answer = read_command(await process.request({"cmd": text, "env": env}, timeout_s=max(0.001, timeout_s)))
    if isinstance(answer, Refusal):
        raise SessionCrashedError(f"the REPL refuses a command: {answer.message}")
    return answer


async def header_environment(process: ReplProcess, statement: LeanStatement, *, timeout_s: float) -> int:
    """Return the environment in which the theorem is stated; a process elaborates a header once.

    Raises:
        InvalidTheoremError: the header has errors, or takes too long.
    """
    header = statement.header if statement.header.strip() else ""
    if header not in process.environments:
        try:
            answer = await elaborate(process, header, process.environments[""], timeout_s=timeout_s)
        except AnswerTimeoutError:
            raise _too_slow(timeout_s) from None
        if answer.errors:
            raise InvalidTheoremError(answer.errors[0].text, messages=answer.messages)
        process.environments[header] = answer.env
    return process.environments[header]


async def state_theorem(process: ReplProcess, statement: LeanStatement, *, timeout_s: float) -> tuple[int, Sorry]:
    """State the theorem with `sorry`. Returns the environment before it, and the `sorry` with its proof state.

    Raises:
        InvalidTheoremError: Lean cannot use the statement.
    """
    started = time.monotonic()
    before = await header_environment(process, statement, timeout_s=timeout_s)
    try:
        answer = await elaborate(
            process, statement.unproved, before, timeout_s=timeout_s - (time.monotonic() - started)
        )
    except AnswerTimeoutError:
        raise _too_slow(timeout_s) from None
    if answer.errors:
        messages = tuple(at_place(message, statement) for message in answer.messages)
        raise InvalidTheoremError(answer.errors[0].text, messages=messages, hint=_hint(statement, answer.errors))
    last_line = statement.unproved.count("\n") + 1
    ours = [sorry for sorry in answer.sorries if (sorry.line, sorry.column) == (last_line, 2)]
    if len(answer.sorries) > 1:
        raise InvalidTheoremError("the statement itself uses sorry")
    if len(ours) != 1 or ours[0].proof_state is None:
        raise InvalidTheoremError("the proof of the theorem is never elaborated")
    return before, ours[0]


def at_place(message: Message, statement: LeanStatement) -> Message:
    """Return a message on the theorem's own text with its place in the whole text."""
    if message.line == 0:
        return message
    above = statement.header.count("\n")
    beside = len(statement.header) - (statement.header.rfind("\n") + 1)
    return replace(message, line=message.line + above, column=message.column + (beside if message.line == 1 else 0))


def _too_slow(limit_s: float) -> InvalidTheoremError:
    return InvalidTheoremError(
        f"Lean needs more than {limit_s:.3g} s to read the statement",
        hint="give it more time, or make it easier to elaborate",
    )


def _hint(statement: LeanStatement, errors: tuple[Message, ...]) -> str | None:
    if ":=" in statement.text:
        return "if the theorem has a proof already: give it with `sorry`, or use `prover verify`"
    if any("unknown" in error.text.lower() for error in errors):
        return "is the name spelt right, its namespace open, and its module imported?"
    return None
