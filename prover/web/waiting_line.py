"""Bounded concurrency and a bounded queue for work that the API does while its clients wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prover.errors import TooBusyError


class WaitingLine:
    """Serves `concurrency` requests at once and lets others wait, up to `capacity` in all; the rest get `refusal`."""

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
