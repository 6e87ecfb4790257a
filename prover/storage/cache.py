"""The interface of caches, and a cache in memory.

A cache only saves time: a proof counts only if verification accepts it. An entry that cannot be read is a miss.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

VERSION = 1
"""Part of every key, so that entries in another format are never found."""


@dataclass(slots=True)
class CacheCounts:
    """Hits and misses of one kind of entry."""

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float:
        """Hits per look-up; 0 if there were none."""
        return self.hits / max(1, self.hits + self.misses)


class Cache(Protocol):
    """Bytes by key. Failures are misses, so that a cache that is down does no harm."""

    @property
    def counts(self) -> dict[str, CacheCounts]:
        """Hits and misses by kind: the part of the key before the first colon."""

    async def get_many(self, keys: list[str]) -> list[bytes | None]:
        """Return the value of each key, or None."""

    async def set_many(self, entries: dict[str, bytes]) -> None:
        """Store these entries, replacing older ones."""


def key_of(kind: str, *parts: object) -> str:
    """Return a key: the kind in plain text, and a digest of everything that the entry depends on."""
    text = json.dumps([VERSION, *parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def count_look_ups(counts: dict[str, CacheCounts], keys: Sequence[str], found: Sequence[bytes | None]) -> None:
    """Add the hits and misses of a look-up to `counts`."""
    for key, value in zip(keys, found, strict=True):
        kind = counts.setdefault(key.partition(":")[0], CacheCounts())
        if value is None:
            kind.misses += 1
        else:
            kind.hits += 1


class MemoryCache:
    """A cache in memory of at most `capacity` bytes. The least recently used entries are evicted first."""

    def __init__(self, capacity: int = 256_000_000) -> None:
        self.capacity = capacity
        self.size = 0
        self.counts: dict[str, CacheCounts] = {}
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    async def get_many(self, keys: list[str]) -> list[bytes | None]:
        """Return the value of each key; see Cache."""
        found = [self._entries.get(key) for key in keys]
        count_look_ups(self.counts, keys, found)
        for key, value in zip(keys, found, strict=True):
            if value is not None:
                self._entries.move_to_end(key)
        return found

    async def set_many(self, entries: dict[str, bytes]) -> None:
        """Store these entries; see Cache."""
        for key, value in entries.items():
            self.size += len(value) - len(self._entries.pop(key, b""))
            self._entries[key] = value
        while self.size > self.capacity and self._entries:
            _, oldest = self._entries.popitem(last=False)
            self.size -= len(oldest)
