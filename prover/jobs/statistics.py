"""Statistics of the whole service, from Redis."""

from __future__ import annotations

import time
from dataclasses import dataclass

from prover.storage.connection import RedisConnection

SILENT_S = 10.0
"""A worker that has not reported for this long is not counted."""


@dataclass(frozen=True, slots=True)
class StoreStatistics:
    """Gauges, and all-time totals by name (`group:member`)."""

    queued: int
    running: int
    workers: int
    age_s: float
    bytes: int
    totals: dict[str, float]


async def read_statistics(connection: RedisConnection) -> StoreStatistics:
    """Read the statistics. Raises StoreError if Redis does not answer."""
    pipe = connection.client.pipeline(transaction=False)
    pipe.hgetall(connection.key("now"))
    pipe.hgetall(connection.key("totals"))
    pipe.zrange(connection.key("queued"), 0, 0)
    pipe.zcount(connection.key("workers"), time.time() - SILENT_S, "+inf")
    pipe.info("memory")
    now, totals, first, workers, memory = await connection.call(pipe.execute())
    age_s = 0.0
    if first:
        created = await connection.call(connection.client.hget(connection.key("job", first[0].decode()), "created"))
        age_s = max(0.0, time.time() - float(created or 0) / 1000) if created else 0.0
    return StoreStatistics(
        queued=max(0, int(now.get(b"queued", 0))),
        running=max(0, int(now.get(b"running", 0))),
        workers=int(workers),
        age_s=age_s,
        bytes=int(memory.get("used_memory", 0)),
        totals={name.decode(): float(value) for name, value in totals.items()},
    )


async def workers_now(connection: RedisConnection) -> list[str]:
    """Return the names (`HOST:PID`) of the workers that report. Raises StoreError if Redis does not answer."""
    names = await connection.call(
        connection.client.zrangebyscore(connection.key("workers"), time.time() - SILENT_S, "+inf")
    )
    return [name.decode() for name in names]
