"""Errors as clients see them: problem+json (RFC 9457), from one table."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from prover import errors
from prover.telemetry import request_id

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
LONGEST_INPUT = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: HTTP status, last part of the type URI, title."""

    status: int
    slug: str
    title: str


TABLE: dict[type[Exception], Kind] = {
    errors.InvalidTheoremError: Kind(422, "invalid-theorem", "The theorem cannot be used"),
    errors.InvalidPolicyError: Kind(422, "invalid-policy", "There is no such policy"),
    errors.InvalidPromptError: Kind(422, "invalid-policy", "There is no such policy"),
    errors.NoModelError: Kind(422, "no-model", "This server has no language model"),
    errors.BeyondLimitError: Kind(422, "beyond-limit", "More than this server allows"),
    errors.JobNotFoundError: Kind(404, "not-found", "Not found"),
    errors.IdempotencyConflictError: Kind(409, "idempotency-conflict", "The idempotency key is taken"),
    errors.AuthenticationError: Kind(401, "unauthorized", "An API key is required"),
    errors.TooBusyError: Kind(429, "too-busy", "Too many requests"),
    errors.StoreError: Kind(503, "store-unavailable", "The job store cannot be reached"),
    errors.EnvironmentUnavailableError: Kind(503, "environment-unavailable", "The proof assistant cannot be used"),
    errors.ProofEnvironmentError: Kind(502, "environment-failed", "The proof assistant failed"),
    errors.ContextOverflowError: Kind(422, "beyond-model", "The text is longer than the language model's context"),
    errors.LanguageModelError: Kind(503, "model-unavailable", "The language model cannot be used"),
    errors.GeneratorError: Kind(502, "policy-failed", "The policy failed"),
    errors.MissingExtraError: Kind(501, "not-installed", "This part is not installed"),
    errors.ProverError: Kind(500, "failed", "The request failed"),
}
"""Errors and their kinds of problem; the nearest base class counts."""

OTHER = {
    400: Kind(400, "bad-request", "The request cannot be read"),
    404: Kind(404, "not-found", "Not found"),
    405: Kind(405, "method-not-allowed", "Method not allowed"),
    413: Kind(413, "too-large", "The body is too large"),
    415: Kind(415, "media-type", "Unsupported media type"),
    422: Kind(422, "invalid-request", "The request is invalid"),
    500: Kind(500, "internal", "Internal server error"),
    503: Kind(503, "unavailable", "Service unavailable"),
}
SEND_JSON = "send one JSON object, with the header Content-Type: application/json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
RETRY_S = {502: 5.0, 503: 5.0}


class Fault(BaseModel):
    """One error and its place in the request."""

    place: list[str | int] = Field(description="body, query, path or header, then the path to the member")
    reason: str
    value: Any = Field(default=None, description="the offending value, if it is short")


class ProblemDetails(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(title="Problem")  # its name in the API's description

    type: str = Field(examples=["urn:prover:too-busy"])
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="the request's id, as in the server's log")
    hint: str | None = None
    retry_after_s: float | None = None
    errors: list[Fault] = []


class PayloadError(Exception):
    """A body that is too large, malformed, or of an unsupported media type, in a route that reads it itself."""

    def __init__(
        self, status: int, detail: str, *, place: Sequence[str | int] = ("body",), faults: Sequence[Fault] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.faults = faults or (Fault(place=list(place), reason=detail),)


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "An error in the request",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
    "5XX": {
        "description": "An error of the server",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}
"""Responses that every route can give."""


def problem(
    kind: Kind,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    hint: str | None = None,
    retry_after_s: float | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the response for one problem."""
    body = ProblemDetails(
        type=f"urn:prover:{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=request_id.get() or None,
        hint=hint,
        retry_after_s=retry_after_s,
        errors=list(faults),
    )
    sent = dict(headers or {})
    if retry_after_s is not None:
        sent["Retry-After"] = str(max(1, math.ceil(retry_after_s)))
    if kind.status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    # As ASCII: the values that clients sent may hold lone surrogates, which UTF-8 cannot encode.
    content = json.dumps(body.model_dump(exclude_none=True, exclude_defaults=True), default=str)
    return Response(content, status_code=kind.status, media_type=MEDIA_TYPE, headers=sent)


def of_error(error: Exception) -> Response:
    """Return the response for an error of `prover.errors`."""
    kind = next(TABLE[base] for base in type(error).__mro__ if base in TABLE)
    retry_after_s = getattr(error, "retry_after_s", RETRY_S.get(kind.status))
    place = getattr(error, "place", ())
    messages = [
        Fault(place=["theorem", f"line {m.line}", f"column {m.column + 1}"], reason=m.text[:2000])
        for m in getattr(error, "messages", ())[:50]
    ]
    faults = [Fault(place=["body", *place], reason=str(error))] if place else messages
    if kind.status >= 500:
        logger.warning("%s: %s", type(error).__name__, error)
    return problem(kind, str(error), faults=faults, hint=getattr(error, "hint", None), retry_after_s=retry_after_s)


def of_validation(found: Sequence[Any]) -> Response:
    """Return the response for a request that does not match its schema."""
    faults = [
        Fault(place=list(fault["loc"]), reason=_reason(fault), value=_short(fault.get("input"))) for fault in found[:50]
    ]
    first = faults[0]
    if first.place[0] == "path":  # an address that no resource can have
        what = str(first.place[-1]).removesuffix("_id")
        return problem(OTHER[404], f"there is no {what} with such an id", faults=faults)
    unreadable = any(fault["type"] == "json_invalid" for fault in found)
    where = ".".join(map(str, first.place))
    return problem(OTHER[400 if unreadable else 422], f"{where}: {first.reason}", faults=faults)


def _reason(fault: Mapping[str, Any]) -> str:
    """What is wrong at a place of a request; for a body as a whole, also what to send."""
    match fault["type"], tuple(fault["loc"]):
        case "json_invalid", ("body", int(position)):
            said = fault.get("ctx", {}).get("error", fault["msg"])
            return f"not JSON from character {position + 1} on ({said}); {SEND_JSON}"
        case "missing", ("body",):
            return f"there is no body; {SEND_JSON}"
        case "model_attributes_type", ("body",):
            return f"the body was not read as a JSON object; {SEND_JSON}"
        case _:
            return str(fault["msg"])


def unexpected(error: Exception) -> Response:
    """Return the response for an unexpected error, and log it with its traceback."""
    logger.error("a request failed unexpectedly", exc_info=error)
    return problem(OTHER[500], "the server's log has the details under this request's id")


def install(app: FastAPI) -> None:
    """Turn every error of the application into a problem; `prover.web.guard` does so with unexpected ones."""

    async def ours(_: Request, error: Exception) -> Response:
        return of_error(error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        kind = media_type(request)
        unread = any(tuple(fault["loc"]) == ("body",) and fault["type"] != "missing" for fault in error.errors())
        if unread and not _is_json(kind):
            given = f"as {kind}" if kind else "without a type"
            faults = [Fault(place=["header", "Content-Type"], reason=SEND_JSON, value=kind or None)]
            return problem(OTHER[415], f"the body was not read, as it is sent {given}; {SEND_JSON}", faults=faults)
        return of_validation(error.errors())

    async def payload(_: Request, error: Exception) -> Response:
        assert isinstance(error, PayloadError)
        return problem(OTHER[error.status], str(error), faults=error.faults)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = OTHER.get(error.status_code)
        if kind is None:
            kind = Kind(error.status_code, f"http-{error.status_code}", HTTPStatus(error.status_code).phrase)
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request))
        return problem(kind, str(error.detail), headers=headers)

    app.add_exception_handler(errors.ProverError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(PayloadError, payload)
    app.add_exception_handler(HTTPException, http)


def media_type(request: Request) -> str:
    """Return what a request says that its body is, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _methods(app: FastAPI, request: Request) -> list[str]:
    """Return every method that some route has at the address of a request; Starlette names those of one route."""

    def has(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in app.router.routes)

    return [method for method in METHODS if has(method)]


def _short(value: Any) -> Any:
    try:
        plain = jsonable_encoder(value)
        text = str(plain).encode("utf-8", "replace").decode()
    except Exception:  # a request can contain anything
        return None
    if isinstance(plain, int | bool | None):
        return plain
    return text if len(text) <= LONGEST_INPUT else None
