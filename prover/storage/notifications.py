"""Notifications of changes over Redis, instead of polling: one subscription per process serves all who wait in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from redis.exceptions import RedisError

from prover.storage.connection import RedisConnection
from prover.storage.ending import end_tasks

logger = logging.getLogger(__name__)

ALL = ""
RECONNECT_S = 0.5
WaitForNotification = Callable[[float], Coroutine[Any, Any, bool]]
"""Waits at most the given number of seconds; returns whether a notification came."""


class Notifications:
    """Notifies of the names that are published on a channel. A notification may get lost, so waiters also poll."""

    def __init__(self, connection: RedisConnection, channel: str) -> None:
        self._connection = connection
        self._channel = connection.key(channel)
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def listen(self, name: str = ALL) -> Iterator[WaitForNotification]:
        """Give a function that waits for the next notification of `name`, or of any name (ALL)."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._receive())
        event = asyncio.Event()
        self._waiting.setdefault(name, set()).add(event)

        async def wait_for_notification(timeout_s: float) -> bool:
            try:
                async with asyncio.timeout(timeout_s):
                    await event.wait()
            except TimeoutError:
                return False
            event.clear()
            return True

        try:
            yield wait_for_notification
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]

    def notify_all(self) -> None:
        """Wake every waiter: notifications may have been lost."""
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def _receive(self) -> None:
        while not self._closed:
            try:
                async with self._connection.client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(self._channel)
                    self.notify_all()
                    while not self._closed:
                        message = await pubsub.get_message(timeout=30.0)
                        if message is not None:
                            name = message["data"].decode()
                            for event in (*self._waiting.get(name, ()), *self._waiting.get(ALL, ())):
                                event.set()
            except (RedisError, OSError) as error:
                logger.debug("no notifications from Redis for now: %s", error)
                await asyncio.sleep(RECONNECT_S)

    async def close(self) -> None:
        """Stop listening."""
        self._closed = True
        if self._task:
            await end_tasks(self._task)
