"""Work that stops when its client disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import HTTPException, Request

T = TypeVar("T")

POLL_S = 0.5
CLIENT_CLOSED_REQUEST = 499  # nginx's status code, for the log


async def unless_disconnected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, but cancel it when the client disconnects.

    Raises:
        HTTPException: the client has disconnected.
    """
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=POLL_S))[0]:
            if await request.is_disconnected():
                raise HTTPException(CLIENT_CLOSED_REQUEST, "the client has disconnected")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
