"""Batches: many jobs that are accepted together or not at all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Sequence

from prover.core.record import ProofRecord
from prover.errors import JobNotFoundError
from prover.jobs.job import Batch, Job, ProofTask
from prover.jobs.store import EVERYBODY, POLL_S, JobStore, StoreLimits, accepted, as_asked, new_id
from prover.storage.connection import RedisConnection, as_text

AT_ONCE = 100
"""Jobs that are added or read in one call to Redis."""
PORTION = 500
"""Jobs that a script queues or discards in one call."""
COUNTS = ("total", "queued", "running", "completed", "failed", "cancelled", "proved", "refuted")


class BatchUpload:
    """A batch that is being uploaded. Use as a context: what is not sealed is discarded."""

    def __init__(self, store: JobStore, *, owner: str, priority: int) -> None:
        self.id = new_id("b")
        self._store = store
        self._owner = owner
        self._priority = priority
        self._digest = hashlib.sha256(bytes([priority]))
        self._sealed = False
        self.total = 0

    async def __aenter__(self) -> BatchUpload:
        return self

    async def add(self, tasks: Sequence[tuple[ProofTask, ProofRecord | None]]) -> None:
        """Add theorems, each with its record if the cache has one."""
        arguments: list[str | int] = []
        for task, known in tasks:
            data = task.model_dump_json(exclude_defaults=True)
            self._digest.update(as_asked(task))
            record = known.model_dump_json() if known else ""
            verdict = known.verdict if known else ""
            arguments += [new_id("p"), data, self._priority, self._owner, record, verdict]
        await self._store.connection.run("batch_add", self.id, *arguments)
        self.total += len(tasks)

    async def seal(self, *, name: str, idempotency_key: str | None, max_open: int) -> tuple[str, bool]:
        """Accept the whole batch; see `JobStore.submit`."""
        answer = await self._store.connection.run(
            "batch_seal",
            self.id,
            name,
            self._owner,
            idempotency_key or "",
            self._digest.hexdigest(),
            self._store.limits.max_queued,
            max_open,
            self._store.limits.retention_ms,
        )
        batch_id, new = accepted(answer)
        self._sealed = new
        return batch_id, new

    async def __aexit__(self, *_: object) -> None:
        if not self._sealed and self.total:
            while await self._store.connection.run("batch_discard", self.id, 0, PORTION):
                pass


async def queue_batches(connection: RedisConnection, limits: StoreLimits) -> None:
    """Queue the jobs of accepted batches. If this is interrupted, a worker's upkeep does the rest."""
    while await connection.run("batch_queue", PORTION, limits.retention_ms, limits.events_retention_ms):
        pass


async def get_batch(store: JobStore, batch_id: str, *, owner: str = EVERYBODY) -> Batch:
    """Return a batch. Raises JobNotFoundError if there is none, or it belongs to another owner."""
    fields = "name", "owner", "created", "finished", *COUNTS
    key = store.connection.key("batch", batch_id)
    values = await store.connection.call(store.connection.client.hmget(key, fields))
    found = dict(zip(fields, as_text(values), strict=True))
    if found["total"] is None or owner not in {EVERYBODY, found["owner"]}:
        raise JobNotFoundError(f"there is no batch {batch_id}")
    return Batch(
        id=batch_id,
        name=found["name"] or "",
        owner=found["owner"] or "",
        created=float(found["created"] or 0) / 1000,
        finished=float(found["finished"]) / 1000 if found["finished"] else None,
        **{count: int(found[count] or 0) for count in COUNTS},
    )


async def wait_for_batch(store: JobStore, batch_id: str, *, owner: str = EVERYBODY, timeout_s: float) -> Batch:
    """Return the batch when it has ended, or after `timeout_s`."""
    end = time.monotonic() + timeout_s
    with store.notifications.listen(batch_id) as wait_for_change:
        while True:
            batch = await get_batch(store, batch_id, owner=owner)
            left = end - time.monotonic()
            if batch.finished is not None or left <= 0:
                return batch
            await wait_for_change(min(left, POLL_S))


async def list_batches(
    store: JobStore, *, owner: str = EVERYBODY, limit: int, before: str | None
) -> tuple[list[Batch], str | None]:
    """Return batches, newest first, and the cursor of the next page (None: this is the last)."""
    client, key = store.connection.client, store.connection.key("batches", owner)
    start = 0
    if before is not None:
        rank = await store.connection.call(client.zrevrank(key, before))
        if rank is None:
            return [], None
        start = rank + 1
    ids = await store.connection.call(client.zrevrange(key, start, start + limit))
    batches = []
    for name in ids[:limit]:
        try:
            batches.append(await get_batch(store, name.decode()))
        except JobNotFoundError:  # deleted meanwhile
            continue
    return batches, ids[limit - 1].decode() if len(ids) > limit else None


async def batch_ids(store: JobStore, batch_id: str) -> list[str]:
    """Return the ids of a batch's jobs, in the order of submission."""
    key = store.connection.key("batch", batch_id, "jobs")
    values = await store.connection.call(store.connection.client.lrange(key, 0, -1))
    return [value.decode() for value in values]


async def batch_jobs(store: JobStore, batch_id: str) -> AsyncIterator[Job]:
    """Give the jobs of a batch, in the order of submission."""
    ids = await batch_ids(store, batch_id)
    for start in range(0, len(ids), AT_ONCE):
        for job in await store.get_many(ids[start : start + AT_ONCE]):
            yield job
