"""Kimina Lean Server's protocol: `server/routers/*.py` and `client/` of `project-numina/kimina-lean-server` @fb2393d.

Its client calls a snippet valid that has neither errors nor `sorries`. So whatever verification rejects gets one or the
other, also where Lean itself would be silent: new axioms, trust in compiled code, a proof that the kernel refuses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Literal, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.holes import FileEnvironment
from prover.errors import InvalidTheoremError, Message, ProverError
from prover.web.compat.errors import errors_as, unless_disconnected

MOST_SNIPPETS = 10_000
LONGEST_S = 600
AT_ONCE = 4
NO_INFOTREE = "infotree is not supported by this server: leave it out"
SORRY = "declaration uses 'sorry'"
"""As Lean said until 4.2x; its client looks for these words."""
_EXAMPLE: JsonDict = {
    "snippets": [{"id": "a", "code": "theorem t (a b : Nat) : a + b = b + a := by omega"}],
    "timeout": 30,
}


class Snippet(BaseModel):
    """A Lean text, and a name for it."""

    id: str
    code: str


class CheckRequest(BaseModel):
    """Snippets with names of their own; `timeout` (seconds) is for each. `debug` and `reuse` change nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    snippets: list[Snippet] = Field(min_length=1, max_length=MOST_SNIPPETS)
    timeout: int = Field(default=30, ge=0, le=2**31, description=f"at most {LONGEST_S} are waited")
    debug: bool = False
    reuse: bool = True
    infotree: str | None = None

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({snippet.id for snippet in self.snippets}) < len(self.snippets):
            raise ValueError("`snippets` must have unique ids")
        return self


class Code(BaseModel):
    """A snippet of the older protocol, in `proof` or in `code`."""

    custom_id: str | int
    proof: str | None = None
    code: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.proof is None and self.code is None:
            raise ValueError("give `proof` or `code`")
        return self


class VerifyRequest(BaseModel):
    """The older form of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"codes": [{"custom_id": 1, "proof": "#eval 1"}]}]})

    codes: list[Code] = Field(min_length=1, max_length=MOST_SNIPPETS)
    timeout: int = Field(default=300, ge=0, le=2**31)
    infotree_type: str | None = None
    disable_cache: bool = False


class Position(BaseModel):
    """Lines count from 1, columns (in characters) from 0."""

    line: int
    column: int


class LeanMessage(BaseModel):
    """What Lean said, as its REPL puts it."""

    severity: Literal["trace", "info", "warning", "error"]
    pos: Position
    data: str


class Sorry(BaseModel):
    """A `sorry` and its goal."""

    pos: Position
    endPos: Position  # noqa: N815  # the protocol's name
    goal: str


class CommandResponse(BaseModel):
    """The REPL's answer to a command."""

    env: int = 0
    messages: list[LeanMessage] | None = None
    sorries: list[Sorry] | None = None
    time: float | None = None


class SnippetResult(BaseModel):
    """Either `response` or `error`."""

    id: str
    time: float
    error: str | None = None
    response: CommandResponse | None = None


class CheckResponse(BaseModel):
    """One result a snippet, in their order."""

    results: list[SnippetResult]


class CodeResult(BaseModel):
    """One result of the older protocol."""

    custom_id: str
    error: str | None = None
    response: CommandResponse | None = None


class VerifyResponse(BaseModel):
    """One result a snippet, in their order."""

    results: list[CodeResult]


class KiminaError(BaseModel):
    """What is wrong with the request as a whole."""

    detail: str


def router(environment: FileEnvironment, *, at_once: int = AT_ONCE) -> APIRouter:
    """Return the routes. `at_once`: so many snippets of all requests together are with Lean."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: KiminaError(detail=sentence).model_dump()),
        responses={422: {"model": KiminaError}},
    )
    slots = asyncio.Semaphore(at_once)

    async def run(request: Request, snippets: Sequence[Snippet], timeout: int, infotree: str | None) -> list[Any]:
        async def one(snippet: Snippet) -> SnippetResult:
            if infotree is not None:
                return SnippetResult(id=snippet.id, time=0.0, error=NO_INFOTREE)
            async with slots:
                return await checked(environment, snippet, min(timeout, LONGEST_S))

        return await unless_disconnected(request, _all([one(snippet) for snippet in snippets]))

    @routes.post("/api/check", response_model_exclude_none=True, summary="Kimina Lean Server: check snippets")
    @routes.post("/api/check/", response_model_exclude_none=True, include_in_schema=False)
    async def check(asked: CheckRequest, request: Request) -> CheckResponse:
        """Say what Lean answers to each snippet. One that fails or takes too long leaves the others alone."""
        return CheckResponse(results=await run(request, asked.snippets, asked.timeout, asked.infotree))

    @routes.post("/verify", response_model_exclude_none=True, summary="Kimina Lean Server: the older form")
    @routes.post("/one_pass_verify_batch", response_model_exclude_none=True, include_in_schema=False)
    async def verify(asked: VerifyRequest, request: Request) -> VerifyResponse:
        """As `/api/check`, with other names."""
        snippets = [
            Snippet(id=str(code.custom_id), code=code.proof if code.proof is not None else code.code or "")
            for code in asked.codes
        ]
        results = await run(request, snippets, asked.timeout, asked.infotree_type)
        for result in results:
            if result.response:
                result.response.time = result.time
        return VerifyResponse(results=[CodeResult(custom_id=r.id, error=r.error, response=r.response) for r in results])

    @routes.get("/health", summary="Kimina Lean Server: is it there?")
    async def health() -> dict[str, str]:
        """Say that the server answers; `/readyz` says more."""
        return {"status": "ok"}

    return routes


async def checked(environment: FileEnvironment, snippet: Snippet, timeout_s: float) -> SnippetResult:
    """Return what Lean answers to a snippet. A failed machine is an `error` of this snippet alone."""
    started = time.monotonic()
    error, response = None, None
    try:
        source = Theorem.from_text(snippet.code)
        # A limit of nothing is over before Lean has begun.
        verdict = await environment.check_file(source, timeout_s=timeout_s) if timeout_s else None
        if verdict is None or verdict.timed_out:
            error = f"Lean REPL command timed out in {timeout_s:g} seconds"
        else:
            response = await _response(environment, source, verdict, timeout_s)
    except InvalidTheoremError as invalid:
        said = [_message(message) for message in invalid.messages if message.severity == "error"]
        reason = f"{invalid.reason}{f' ({invalid.hint})' if invalid.hint else ''}"
        response = CommandResponse(messages=said or [_at_start(reason)])
    except ProverError as failure:
        error = f"the proof assistant failed: {failure}"
    return SnippetResult(id=snippet.id, time=time.monotonic() - started, error=error, response=response)


async def _response(
    environment: FileEnvironment, source: Theorem, verdict: Verification, timeout_s: float
) -> CommandResponse:
    messages = [_message(message) for message in verdict.messages]
    if verdict.accepted or any(message.severity == "error" for message in messages):
        return CommandResponse(messages=messages or None)
    sorries = await _sorries(environment, source, timeout_s)
    if not sorries:
        sorries = [_sorry(message.pos, "") for message in messages if message.data == SORRY]
    if not sorries:
        return CommandResponse(messages=[*messages, _at_start(f"not accepted: {verdict.reason}")])
    if not any(message.data == SORRY for message in messages):  # the file has turned the warning off
        messages += [LeanMessage(severity="warning", pos=sorry.pos, data=SORRY) for sorry in sorries]
    return CommandResponse(messages=messages, sorries=sorries)


async def _sorries(environment: FileEnvironment, source: Theorem, timeout_s: float) -> list[Sorry]:
    """Return the places of the file's `sorry`s, none where Lean needs too long to say."""
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


async def _all(work: Sequence[Any]) -> list[SnippetResult]:
    """Await everything, without leaving anything behind when cancelled."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
    return [task.result() for task in tasks]
