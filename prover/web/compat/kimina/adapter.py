"""Kimina's snippets as files to verify, and verifications as the messages that its client reads.

Its client calls a snippet valid if it has neither errors nor `sorries`. So everything that verification rejects gets
one or the other, also where Lean itself is silent: new axioms, trust in compiled code, a proof that the kernel refuses.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.holes import FileEnvironment
from prover.errors import InvalidTheoremError, Message, ProverError
from prover.web.compat.error_shape import reason_with_hint
from prover.web.compat.kimina.protocol import (
    MAX_TIMEOUT_S,
    CodeResult,
    CommandResponse,
    LeanMessage,
    Position,
    Snippet,
    SnippetResult,
    Sorry,
    VerifyRequest,
    VerifyResponse,
)

NO_INFOTREE = "infotree is not supported by this server: leave it out"
SORRY = "declaration uses 'sorry'"
"""The wording of earlier versions of Lean; Kimina's client looks for it."""


def snippets_of(asked: VerifyRequest) -> list[Snippet]:
    """Return the snippets of a request in the older form."""
    return [
        Snippet(id=str(code.custom_id), code=code.proof if code.proof is not None else code.code or "")
        for code in asked.codes
    ]


def verify_response(results: Sequence[SnippetResult]) -> VerifyResponse:
    """Return the results in the older form, which has the time inside the response."""
    for result in results:
        if result.response:
            result.response.time = result.time
    return VerifyResponse(results=[CodeResult(custom_id=r.id, error=r.error, response=r.response) for r in results])


async def checked(environment: FileEnvironment, snippet: Snippet, timeout_s: float) -> SnippetResult:
    """Return what Lean answers to a snippet. A machine fault is an `error` of this snippet alone."""
    timeout_s = min(timeout_s, MAX_TIMEOUT_S)
    started = time.monotonic()
    error, response = None, None
    try:
        source = Theorem.from_text(snippet.code)
        # A timeout of 0 has passed before Lean begins.
        verification = await environment.check_file(source, timeout_s=timeout_s) if timeout_s else None
        if verification is None or verification.timed_out:
            error = f"Lean REPL command timed out in {timeout_s:g} seconds"
        else:
            response = await _response(environment, source, verification, timeout_s)
    except InvalidTheoremError as invalid:
        said = [_message(message) for message in invalid.messages if message.severity == "error"]
        response = CommandResponse(messages=said or [_at_start(reason_with_hint(invalid))])
    except ProverError as failure:
        error = f"the proof assistant failed: {failure}"
    return SnippetResult(id=snippet.id, time=time.monotonic() - started, error=error, response=response)


async def _response(
    environment: FileEnvironment, source: Theorem, verification: Verification, timeout_s: float
) -> CommandResponse:
    messages = [_message(message) for message in verification.messages]
    if verification.accepted or any(message.severity == "error" for message in messages):
        return CommandResponse(messages=messages or None)
    sorries = await _sorries(environment, source, timeout_s)
    if not sorries:
        sorries = [_sorry(message.pos, "") for message in messages if message.data == SORRY]
    if not sorries:
        return CommandResponse(messages=[*messages, _at_start(f"not accepted: {verification.reason}")])
    if not any(message.data == SORRY for message in messages):  # the file turns the warning off
        messages += [LeanMessage(severity="warning", pos=sorry.pos, data=SORRY) for sorry in sorries]
    return CommandResponse(messages=messages, sorries=sorries)


async def _sorries(environment: FileEnvironment, source: Theorem, timeout_s: float) -> list[Sorry]:
    """Return the places of the file's `sorry`s; none if Lean fails to find them in time."""
    try:
        async with environment.open_file(source, timeout_s=timeout_s) as file:
            return [_sorry(Position(line=hole.line, column=hole.column), hole.goal or "") for hole in file.holes]
    except ProverError:
        return []


def _sorry(start: Position, goal: str) -> Sorry:
    end = Position(line=start.line, column=start.column + len("sorry"))
    return Sorry(pos=start, endPos=end, goal=goal)


def _message(message: Message) -> LeanMessage:
    data = SORRY if message.text == SORRY.replace("'", "`") else message.text
    place = Position(line=max(1, message.line), column=message.column)
    return LeanMessage(severity=message.severity, pos=place, data=data)


def _at_start(text: str) -> LeanMessage:
    return LeanMessage(severity="error", pos=Position(line=1, column=0), data=text)
