"""The clients' side of the queue: submit, look up, cancel, follow."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from prover.core.record import ProofRecord, Verdict
from prover.errors import IdempotencyConflictError, JobNotFoundError, TooBusyError
from prover.jobs.job import Job, JobStatus, ProofTask
from prover.storage.connection import RedisConnection, as_text
from prover.storage.notifications import Notifications

EVERYBODY = "*"
FULL_RETRY_S, BUSY_RETRY_S = 10.0, 2.0
POLL_S = 2.0
"""Poll interval in seconds, in case a notification is lost."""
BURST = 10
"""Requests that may come at once, however low the rate limit."""
SCAN = 200
"""Jobs that one call to Redis reads or cancels."""
FIELDS = (
    "status", "task", "priority", "owner", "batch", "created", "started", "finished", "attempt", "cancel", "cached",
    "progress", "verdict", "failure", "record",
)  # fmt: skip
_EVENT_ID = re.compile(r"\d{1,15}-\d{1,15}")


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Limits of the store, and how long it keeps finished jobs and their events."""

    max_queued: int = 50_000
    retention_s: float = 604_800.0
    events_retention_s: float = 86_400.0

    @property
    def retention_ms(self) -> str:
        """`retention_s` as the scripts read it."""
        return str(round(self.retention_s * 1000))

    @property
    def events_retention_ms(self) -> str:
        """`events_retention_s` as the scripts read it."""
        return str(round(self.events_retention_s * 1000))


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One event of a job: its place in the stream, its name, its data as JSON text."""

    id: str
    event: str
    data: str


def new_id(kind: str) -> str:
    """Return an identifier that sorts by time and cannot be guessed."""
    return f"{kind}{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"


class JobStore:
    """The jobs in one Redis, as clients use them."""

    def __init__(self, connection: RedisConnection, limits: StoreLimits | None = None) -> None:
        self.connection = connection
        self.limits = limits or StoreLimits()
        self.notifications = Notifications(connection, "changed")

    async def submit(
        self,
        task: ProofTask,
        *,
        owner: str,
        priority: int,
        idempotency_key: str | None = None,
        max_open: int = 0,
        known: ProofRecord | None = None,
    ) -> tuple[str, bool]:
        """Accept a job: from now on it is finished or reported. Returns its id and whether it is new.

        `known`: its record, if the cache has one. `max_open`: unfinished jobs that `owner` may have, 0 for any number.

        Raises:
            IdempotencyConflictError: the key was used for another request.
            TooBusyError: the queue is full, or the owner has too many jobs.
            StoreError: Redis cannot be reached.
        """
        data = task.model_dump_json(exclude_defaults=True)
        answer = await self.connection.run(
            "accept",
            new_id("p"),
            data,
            priority,
            owner,
            idempotency_key or "",
            hashlib.sha256(as_asked(task) + bytes([priority])).hexdigest(),
            self.limits.max_queued,
            max_open,
            known.model_dump_json() if known else "",
            known.verdict if known else "",
            self.limits.retention_ms,
            self.limits.events_retention_ms,
        )
        return accepted(answer)

    async def get(self, job_id: str, *, owner: str = EVERYBODY) -> Job:
        """Return a job. Raises JobNotFoundError if there is none, or it belongs to another owner."""
        values = await self.connection.call(self.connection.client.hmget(self.connection.key("job", job_id), FIELDS))
        job = _job(job_id, values)
        if job is None or owner not in {EVERYBODY, job.owner} or await self._unsealed(job):
            raise JobNotFoundError(f"there is no proof {job_id}")
        return job

    async def _unsealed(self, job: Job) -> bool:
        if job.batch is None or job.attempt or job.status is not JobStatus.QUEUED:
            return False
        key = self.connection.key("batch", job.batch)
        return not await self.connection.call(self.connection.client.hexists(key, "sealed"))

    async def get_many(self, ids: Sequence[str], *, brief: bool = False) -> list[Job]:
        """Return those of the jobs that exist; `brief`: without their records."""
        pipe = self.connection.client.pipeline(transaction=False)
        for job_id in ids:
            pipe.hmget(self.connection.key("job", job_id), FIELDS[:-1] if brief else FIELDS)
        answers = await self.connection.call(pipe.execute())
        jobs = [_job(job_id, values) for job_id, values in zip(ids, answers, strict=True)]
        return [job for job in jobs if job is not None]

    async def browse(
        self,
        *,
        owner: str = EVERYBODY,
        status: JobStatus | None = None,
        proved: bool | None = None,
        verdict: Verdict | None = None,
        batch: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> tuple[list[Job], str | None]:
        """Return jobs without records, newest first, and the cursor of the next page (None: this is the last).

        A page may be short although others follow: one call looks at a limited number of jobs.
        """
        found: list[Job] = []
        at = before
        for _ in range(10):
            ids = await self._ids(owner, batch, at, SCAN)
            for job in await self.get_many(ids, brief=True):
                if (
                    (status is None or job.status is status)
                    and (proved is None or (job.status.ended and job.proved == proved))
                    and (verdict is None or (job.status.ended and job.verdict == verdict))
                    and owner in {EVERYBODY, job.owner}
                ):
                    found.append(job)
                    if len(found) == limit:
                        return found, job.id
            if len(ids) < SCAN:
                return found, None
            at = ids[-1]
        return found, at

    async def _ids(self, owner: str, batch: str | None, before: str | None, count: int) -> list[str]:
        """Return ids of jobs that are older than `before`, newest first."""
        client = self.connection.client
        if batch is not None:
            key = self.connection.key("batch", batch, "jobs")
            end = -1
            if before is not None:
                position = await self.connection.call(client.lpos(key, before))
                if position is None or position == 0:
                    return []
                end = position - 1
            start = end - count + 1 if end < 0 else max(0, end - count + 1)
            values = await self.connection.call(client.lrange(key, start, end))
            return [value.decode() for value in reversed(values)]
        key = self.connection.key("index", owner)
        # Ids sort by time, and equal scores sort by id. A rank can shift between two pages, a score does not.
        highest: str | float = "+inf"
        if before is not None:
            score = await self.connection.call(client.zscore(key, before))
            highest = score if score is not None else float(int(before[1:12] or "0", 16))
        values = await self.connection.call(
            client.zrevrangebyscore(key, highest, "-inf", start=0, num=count + (SCAN if before else 0))
        )
        ids = [value.decode() for value in values]
        if before in ids:
            ids = ids[ids.index(before) + 1 :]
        return ids[:count]

    async def cancel(self, ids: Sequence[str]) -> None:
        """Cancel jobs. Queued ones end at once, running ones are told to stop, finished ones stay as they are."""
        for start in range(0, len(ids), SCAN):
            await self.connection.run(
                "cancel", self.limits.retention_ms, self.limits.events_retention_ms, *ids[start : start + SCAN]
            )

    async def wait(self, job_id: str, *, owner: str = EVERYBODY, timeout_s: float) -> Job:
        """Return the job when it has ended, or after `timeout_s`."""
        end = time.monotonic() + timeout_s
        with self.notifications.listen(job_id) as wait_for_change:
            while True:
                job = await self.get(job_id, owner=owner)
                left = end - time.monotonic()
                if job.status.ended or left <= 0:
                    return job
                await wait_for_change(min(left, POLL_S))

    async def follow(self, job_id: str, after: str | None, *, pause_s: float = 15.0) -> AsyncIterator[JobEvent | None]:
        """Give the events of a job after the one with id `after`, as they happen; the last is `finished`.

        Gives None after `pause_s` seconds without an event. Ends when the events are past their retention.
        """
        client, key = self.connection.client, self.connection.key("events", job_id)
        at = after if after and _EVENT_ID.fullmatch(after) else "0-0"
        quiet_since = time.monotonic()
        with self.notifications.listen(job_id) as wait_for_change:
            while True:
                entries = await self.connection.call(client.xrange(key, f"({at}", "+", count=500))
                for entry, fields in entries:
                    at, event = entry.decode(), fields[b"event"].decode()
                    yield JobEvent(at, event, fields[b"data"].decode())
                    if event == "finished":
                        return
                    quiet_since = time.monotonic()
                if entries:
                    continue
                if not await self.connection.call(client.exists(key)):
                    return
                if time.monotonic() - quiet_since >= pause_s:
                    yield None
                    quiet_since = time.monotonic()
                await wait_for_change(POLL_S)

    async def allow(self, owner: str, *, per_minute: int) -> None:
        """Count one request of an owner. Raises TooBusyError if the rate limit is exceeded."""
        wait_ms = await self.connection.run("allow", owner, per_minute, max(BURST, per_minute // 4))
        if wait_ms:
            raise TooBusyError(
                f"more than {per_minute} requests a minute with this API key", retry_after_s=int(wait_ms) / 1000
            )

    async def close(self) -> None:
        """Stop listening, and close the connections."""
        await self.notifications.close()
        await self.connection.close()


def as_asked(task: ProofTask) -> bytes:
    """Return what makes two requests the same; who asks when, and how the cache is used, does not count."""
    return task.model_dump_json(exclude={"request_id", "cache"}).encode()


def accepted(answer: list[bytes]) -> tuple[str, bool]:
    """Return what the accepting scripts answer: the id, and whether it is new."""
    match as_text(answer):
        case ["accepted", str(name)]:
            return name, True
        case ["again", str(name)]:
            return name, False
        case ["conflict"]:
            raise IdempotencyConflictError("this idempotency key was used for another request")
        case ["full"]:
            raise TooBusyError("the queue is full", retry_after_s=FULL_RETRY_S)
        case _:
            raise TooBusyError("this API key has too many unfinished jobs", retry_after_s=BUSY_RETRY_S)


def _job(job_id: str, values: Sequence[bytes | None]) -> Job | None:
    fields = dict(zip(FIELDS, as_text(values), strict=False))
    if fields["status"] is None or fields["task"] is None:
        return None
    return Job.model_validate(
        {
            "id": job_id,
            "status": fields["status"],
            "task": ProofTask.model_validate_json(fields["task"]),
            "priority": int(fields["priority"] or 0),
            "owner": fields["owner"],
            "batch": fields["batch"],
            "created": _seconds(fields["created"]) or 0.0,
            "started": _seconds(fields["started"]),
            "finished": _seconds(fields["finished"]),
            "attempt": int(fields["attempt"] or 0),
            "cancelling": fields["cancel"] is not None,
            "cached": fields["cached"] is not None,
            "verdict": fields["verdict"] or "unknown",
            **{name: from_json(text) for name in ("progress", "record", "failure") if (text := fields.get(name))},
        }
    )


def _seconds(milliseconds: str | None) -> float | None:
    return None if milliseconds is None else float(milliseconds) / 1000
