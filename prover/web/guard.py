"""Middleware around every request: its id, the size limit, headers, metrics, one line of log."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prover.telemetry import request_id
from prover.web.metrics import Metrics
from prover.web.problems import OTHER, problem, unexpected

logger = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"cache-control", b"no-store"),
)
"""Headers of every response that does not set them itself."""
_OWN_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_QUIET = {"/healthz", "/readyz", "/metrics"}


class Guard:
    """ASGI middleware. `max_body` limits bodies in bytes; `large` has other limits by path."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, max_body: int, large: dict[str, int]) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body
        self._large = large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        name = given if _OWN_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(name)
        limit = self._large.get(scope["path"], self._max_body)
        started, status, taken = time.perf_counter(), 500, 0
        over = refusing = begun = False

        async def limited() -> Message:
            nonlocal taken, over
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                over = True
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal status, begun
            if over and not refusing:
                return  # the route saw a truncated body: its response does not matter
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                own = dict(message["headers"])
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", name.encode()),
                    *((key, value) for key, value in ALWAYS if key not in own),
                ]
            await send(message)

        length = headers.get(b"content-length", b"")
        try:
            if length.isdigit() and int(length) > limit:
                over = True
            else:
                try:
                    await self._app(scope, limited, watched)
                except _TooLargeError:
                    pass
                except Exception as error:
                    if begun:  # too late for another response: the connection breaks off
                        raise
                    await unexpected(error)(scope, receive, watched)
            if over:
                refusing = True
                # The rest of the body is not read, so the connection cannot be reused.
                closing = {"Connection": "close"}
                refusal = problem(OTHER[413], f"the body is limited to {limit:,} bytes", headers=closing)
                await refusal(scope, receive, watched)
        finally:
            self._done(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        path = getattr(route, "path", None) or "other"
        self._metrics.request(scope["method"], path, status, seconds)
        level = logging.DEBUG if path in _QUIET else logging.INFO
        extras = {
            "method": scope["method"],
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "caller": scope.get("state", {}).get("caller"),
        }
        logger.log(level, "request", extra=extras)


class _TooLargeError(Exception):
    """The body is above the size limit."""
