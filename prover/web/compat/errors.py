"""What the routes share that speak other projects' protocols: errors in the shape that their clients read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from prover.errors import GeneratorError, InvalidTheoremError, ProofEnvironmentError

T = TypeVar("T")
ErrorBody = Callable[[str], dict[str, Any]]
"""A sentence, as the JSON object that a client shows to its user."""

DISCONNECT_POLL_S = 0.5
CLIENT_GONE = 499  # nginx's number; nobody reads it


def errors_as(body: ErrorBody) -> type[APIRoute]:
    """Return a class of routes that answer bad input and failed machines in one shape.

    The body of a request is read as JSON whatever its content type says: these clients were written against servers
    that never looked. Other errors (no API key, too many requests) are the app's to answer.
    """

    class CompatibleRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await handle(_as_json(request))
                except RequestValidationError as error:
                    return JSONResponse(body(explained(error)), 422)
                except InvalidTheoremError as error:
                    return JSONResponse(body(f"{error.reason}{f' ({error.hint})' if error.hint else ''}"), 422)
                except HTTPException as error:
                    return JSONResponse(body(str(error.detail)), error.status_code, error.headers)
                except (ProofEnvironmentError, GeneratorError) as error:
                    return JSONResponse(body(str(error)), 503, {"Retry-After": "10"})

            return answer

    return CompatibleRoute


def explained(error: RequestValidationError) -> str:
    """Return what is wrong with a request, and where, in one line."""
    problems = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"] if part != "body")
        problems.append(f"{place or 'the body'}: {problem['msg']}")
    return "; ".join(problems[:10])


async def unless_disconnected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, but stop it when the client has gone.

    Raises:
        HTTPException: it has.
    """
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=DISCONNECT_POLL_S))[0]:
            if await request.is_disconnected():
                raise HTTPException(CLIENT_GONE, "the client has gone")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _as_json(request: Request) -> Request:
    others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
    headers = [*others, (b"content-type", b"application/json")]
    return Request({**request.scope, "headers": headers}, request.receive)
