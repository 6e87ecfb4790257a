"""A place to keep answers by key, and the one in this process's memory.

A cache makes things faster and never decides anything: a proof counts only when it has been verified. An entry that
cannot be read is a miss.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

VERSION = 1
"""Part of every key: entries of another layout are never found."""


@dataclass(slots=True)
class CacheCounts:
    """How often a kind of entry was found."""

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float:
        """Hits among all look-ups, 0 without any."""
        return self.hits / max(1, self.hits + self.misses)


class Cache(Protocol):
    """Bytes by key. Failures are misses: a cache that is down makes nothing wrong."""

    @property
    def counts(self) -> dict[str, CacheCounts]:
        """Hits and misses by kind: the part of the key before the first colon."""

    async def get_many(self, keys: list[str]) -> list[bytes | None]:
        """Return what is kept under each key."""

    async def set_many(self, entries: dict[str, bytes]) -> None:
        """Keep these; what was kept under these keys is replaced."""


def key_of(kind: str, *parts: object) -> str:
    """Return a key: its kind in plain text, everything that the entry depends on as a digest."""
    text = json.dumps([VERSION, *parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


class MemoryCache:
    """A cache in this process, of at most `capacity` bytes; what was used longest ago goes first."""

    def __init__(self, capacity: int = 256_000_000) -> None:
        self.capacity = capacity
        self.size = 0
        self.counts: dict[str, CacheCounts] = {}
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    async def get_many(self, keys: list[str]) -> list[bytes | None]:
        """Return what is kept under each key; see Cache."""
        found: list[bytes | None] = []
        for key in keys:
            value = self._entries.get(key)
            counts = self.counts.setdefault(key.partition(":")[0], CacheCounts())
            if value is None:
                counts.misses += 1
            else:
                counts.hits += 1
                self._entries.move_to_end(key)
            found.append(value)
        return found

    async def set_many(self, entries: dict[str, bytes]) -> None:
        """Keep these; see Cache."""
        for key, value in entries.items():
            self.size += len(value) - len(self._entries.pop(key, b""))
            self._entries[key] = value
        while self.size > self.capacity and self._entries:
            _, oldest = self._entries.popitem(last=False)
            self.size -= len(oldest)
