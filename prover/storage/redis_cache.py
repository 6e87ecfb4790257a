"""A cache in Redis, shared by all processes. While Redis is down, every look-up is a miss."""

from __future__ import annotations

import logging
import time
from typing import Any

from redis.exceptions import RedisError

from prover.storage.cache import CacheCounts, count_look_ups
from prover.storage.connection import RedisConnection

logger = logging.getLogger(__name__)

PAUSE_S = 5.0
"""After a failure the cache is not used for this long."""


class RedisCache:
    """Entries expire after `ttl_s`. Those larger than `entry_bytes` are not stored.

    Redis's own `maxmemory` limits the total. With the policy volatile-lru only entries are evicted, because they
    expire and jobs do not.
    """

    def __init__(self, connection: RedisConnection, *, ttl_s: float, entry_bytes: int) -> None:
        self._connection = connection
        self._ttl_ms = round(ttl_s * 1000)
        self._entry_bytes = entry_bytes
        self._closed_until = 0.0
        self.counts: dict[str, CacheCounts] = {}
        self.failures = 0
        self.too_large = 0

    async def get_many(self, keys: list[str]) -> list[bytes | None]:
        """Return the value of each key; see Cache."""
        found: list[bytes | None] = [None] * len(keys)
        if keys and self._open:
            try:
                answers: list[Any] = await self._connection.client.mget([self._key(key) for key in keys])
                found = answers
            except (RedisError, OSError) as error:
                self._failed(error)
        count_look_ups(self.counts, keys, found)
        return found

    async def set_many(self, entries: dict[str, bytes]) -> None:
        """Store these entries; see Cache."""
        if not self._open:
            return
        pipe = self._connection.client.pipeline(transaction=False)
        for key, value in entries.items():
            if len(value) <= self._entry_bytes:
                pipe.set(self._key(key), value, px=self._ttl_ms)
            else:
                self.too_large += 1
        try:
            await pipe.execute()
        except (RedisError, OSError) as error:  # or its memory is full
            self._failed(error)

    @property
    def _open(self) -> bool:
        return self._entry_bytes > 0 and time.monotonic() >= self._closed_until

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._closed_until = time.monotonic() + PAUSE_S
        logger.warning("the cache is not used for %.0f s: %s", PAUSE_S, error)

    def _key(self, key: str) -> str:
        return self._connection.key("cache", key)

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()
