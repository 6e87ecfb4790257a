"""Errors in the shape that a protocol's clients read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from prover.errors import GeneratorError, InvalidTheoremError, ProofEnvironmentError

ErrorBody = Callable[[str], dict[str, Any]]
"""A sentence, as the JSON object that a client shows to its user."""


def errors_as(body: ErrorBody) -> type[APIRoute]:
    """Return a class of routes that answer bad input and machine faults in one shape.

    The body of a request is read as JSON whatever its content type: these clients were written against servers that
    ignore it. Other errors (no API key, too many requests) are left to the application.
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
                    return JSONResponse(body(reason_with_hint(error)), 422)
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


def reason_with_hint(error: InvalidTheoremError) -> str:
    """Return why a theorem is invalid, with the hint in parentheses if there is one."""
    return f"{error.reason}{f' ({error.hint})' if error.hint else ''}"


def _as_json(request: Request) -> Request:
    others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
    headers = [*others, (b"content-type", b"application/json")]
    return Request({**request.scope, "headers": headers}, request.receive)
