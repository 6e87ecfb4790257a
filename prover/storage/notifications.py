"""Being told of changes instead of asking for them: one subscription a process, for everybody who waits in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from redis.exceptions import RedisError

from prover.storage.connection import RedisConnection

logger = logging.getLogger(__name__)

ALL = ""
AGAIN_S = 0.5
Rung = Callable[[float], Coroutine[Any, Any, bool]]


class Notifications:
    """Rings for names that are published on a channel. A message may get lost: who waits looks now and then as well."""

    def __init__(self, connection: RedisConnection, channel: str) -> None:
        self._connection = connection
        self._channel = connection.key(channel)
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def listen(self, name: str = ALL) -> Iterator[Rung]:
        """Give a function that waits, so many seconds at most, until `name` (ALL: anything) rings. True: it did."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._receive())
        event = asyncio.Event()
        self._waiting.setdefault(name, set()).add(event)

        async def rung(timeout_s: float) -> bool:
            try:
                async with asyncio.timeout(timeout_s):
                    await event.wait()
            except TimeoutError:
                return False
            event.clear()
            return True

        try:
            yield rung
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]

    def ring(self) -> None:
        """Wake everybody: there may have been messages that we did not get."""
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def _receive(self) -> None:
        while not self._closed:
            try:
                async with self._connection.client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(self._channel)
                    self.ring()
                    while not self._closed:
                        message = await pubsub.get_message(timeout=30.0)
                        if message is not None:
                            name = message["data"].decode()
                            for event in (*self._waiting.get(name, ()), *self._waiting.get(ALL, ())):
                                event.set()
            except (RedisError, OSError) as error:
                logger.debug("no messages from Redis for now: %s", error)
                await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        """Stop listening."""
        self._closed = True
        while self._task and not self._task.done():  # the client may swallow a cancellation while it connects
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=0.5)
