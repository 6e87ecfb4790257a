"""The routes of Kimina Lean Server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request

from prover.environments.holes import FileEnvironment
from prover.web.compat.error_shape import errors_as
from prover.web.compat.kimina.adapter import NO_INFOTREE, checked, snippets_of, verify_response
from prover.web.compat.kimina.protocol import (
    CheckRequest,
    CheckResponse,
    KiminaError,
    Snippet,
    SnippetResult,
    VerifyRequest,
    VerifyResponse,
)
from prover.web.disconnection import unless_disconnected

CONCURRENCY = 4


def router(environment: FileEnvironment, *, concurrency: int = CONCURRENCY) -> APIRouter:
    """Return the routes. `concurrency`: number of snippets, of all requests together, that Lean checks at a time."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: KiminaError(detail=sentence).model_dump()),
        responses={422: {"model": KiminaError}},
    )
    slots = asyncio.Semaphore(concurrency)

    async def check_one(snippet: Snippet, timeout_s: int, infotree: str | None) -> SnippetResult:
        if infotree is not None:
            return SnippetResult(id=snippet.id, time=0.0, error=NO_INFOTREE)
        async with slots:
            return await checked(environment, snippet, timeout_s)

    async def check_all(snippets: Sequence[Snippet], timeout_s: int, infotree: str | None) -> list[SnippetResult]:
        async with asyncio.TaskGroup() as group:  # which cancels what is left when it is cancelled itself
            tasks = [group.create_task(check_one(snippet, timeout_s, infotree)) for snippet in snippets]
        return [task.result() for task in tasks]

    @routes.post("/api/check", response_model_exclude_none=True, summary="Kimina Lean Server: check snippets")
    @routes.post("/api/check/", response_model_exclude_none=True, include_in_schema=False)
    async def check(asked: CheckRequest, request: Request) -> CheckResponse:
        """Return what Lean answers to each snippet. One that fails or times out does not affect the others."""
        checking = check_all(asked.snippets, asked.timeout, asked.infotree)
        return CheckResponse(results=await unless_disconnected(request, checking))

    @routes.post("/verify", response_model_exclude_none=True, summary="Kimina Lean Server: the older form")
    @routes.post("/one_pass_verify_batch", response_model_exclude_none=True, include_in_schema=False)
    async def verify(asked: VerifyRequest, request: Request) -> VerifyResponse:
        """Do as `/api/check`, with other names."""
        checking = check_all(snippets_of(asked), asked.timeout, asked.infotree_type)
        return verify_response(await unless_disconnected(request, checking))

    @routes.get("/health", summary="Kimina Lean Server: is it up?")
    async def health() -> dict[str, str]:
        """Report that the server answers; `/readyz` reports more."""
        return {"status": "ok"}

    return routes
