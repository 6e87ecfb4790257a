"""Work that the API does itself while the client waits: little at once, and only so many clients may wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prover.errors import TooBusyError


class WaitingLine:
    """Admits `concurrency` requests at once and up to `capacity` in all. `refusal` is what the others are told."""

    def __init__(self, *, concurrency: int, capacity: int, refusal: str, retry_after_s: float) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._capacity = capacity
        self._refusal = refusal
        self._retry_after_s = retry_after_s
        self._admitted = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the context. Raises TooBusyError if too many requests wait."""
        if self._admitted >= self._capacity:
            raise TooBusyError(self._refusal, retry_after_s=self._retry_after_s)
        self._admitted += 1
        try:
            async with self._slots:
                yield
        finally:
            self._admitted -= 1
