"""The workers' side of the queue: claim, renew, report, release.

A claim has a token and a lease. Only the token of the latest claim can end the job, so a worker that was taken for dead
and wakes up again changes nothing.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from prover.core.record import ProofRecord, Verdict
from prover.jobs.batches import PORTION, queue_batches
from prover.jobs.job import JobFailure, JobStatus, Progress, ProofTask
from prover.jobs.store import StoreLimits
from prover.storage.connection import RedisConnection
from prover.storage.notifications import Notifications

logger = logging.getLogger(__name__)

UPLOAD_S = 600.0
"""An upload that is not accepted within this time counts as abandoned."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker holds. `suspect`: a worker was lost while it held this job, for whatever reason."""

    id: str
    token: str
    task: ProofTask
    attempt: int
    suspect: bool = False


class LeaseState(StrEnum):
    """Answer to the renewal of a lease."""

    OK = "ok"
    CANCEL = "cancel"
    LOST = "lost"


class JobQueue:
    """The queue in one Redis, as workers use it."""

    def __init__(
        self,
        connection: RedisConnection,
        limits: StoreLimits | None = None,
        *,
        lease_s: float,
        attempts: int,
    ) -> None:
        self.connection = connection
        self.lease_s = lease_s
        self.attempts = attempts
        self._limits = limits or StoreLimits()
        self.queued = Notifications(connection, "queued")
        self.cancelled = Notifications(connection, "cancel")

    async def claim(self, worker: str) -> Claim | None:
        """Claim the next job, if there is one."""
        token = secrets.token_hex(8)
        answer = await self.connection.run("claim", token, worker, self._lease)
        if not answer:
            return None
        job_id, task, attempt, suspect = answer
        return Claim(job_id.decode(), token, ProofTask.model_validate_json(task), int(attempt), bool(suspect))

    async def renew(self, claims: Sequence[Claim]) -> list[LeaseState]:
        """Renew the leases of these claims. Returns the state of each."""
        pairs = [part for claim in claims for part in (claim.id, claim.token)]
        return [LeaseState(answer.decode()) for answer in await self.connection.run("renew", self._lease, *pairs)]

    async def report_progress(self, claim: Claim, progress: Progress, events: Sequence[tuple[str, str]] = ()) -> None:
        """Report the progress of a job, and events (name and JSON text) for those who follow it."""
        flat = [part for event in events for part in event]
        await self.connection.run("tell", claim.id, claim.token, progress.model_dump_json(), *flat)

    async def complete(
        self, claim: Claim, record: ProofRecord, *, cached: bool, cancelled: bool, sums: Mapping[str, float]
    ) -> bool:
        """Report the record of a job, and add `sums` to the totals. Returns False if the claim was lost."""
        status = JobStatus.CANCELLED if cancelled else JobStatus.COMPLETED
        return await self._finish(claim, status, "record", record, record.verdict, cached, sums)

    async def fail(self, claim: Claim, failure: JobFailure, *, sums: Mapping[str, float]) -> bool:
        """Report why there is no record. Returns False if the claim was lost."""
        return await self._finish(claim, JobStatus.FAILED, "failure", failure, "unknown", False, sums)

    async def cancel(self, claim: Claim) -> bool:
        """Report that the job was cancelled before there was a record. Returns False if the claim was lost."""
        return await self._finish(claim, JobStatus.CANCELLED, "", None, "unknown", False, {})

    async def _finish(
        self,
        claim: Claim,
        status: JobStatus,
        field: str,
        data: BaseModel | None,
        verdict: Verdict,
        cached: bool,
        sums: Mapping[str, float],
    ) -> bool:
        answer = await self.connection.run(
            "finish",
            claim.id,
            claim.token,
            status,
            field,
            data.model_dump_json() if data else "",
            verdict,
            int(cached),
            self._limits.retention_ms,
            self._limits.events_retention_ms,
            *(part for name, by in sums.items() for part in (name, f"{by:.6f}")),
        )
        return bool(answer)

    async def release(self, claim: Claim, *, delay_s: float = 0.0, counted: bool, reason: str) -> bool:
        """Give the job back to the queue, for after `delay_s`. `counted`: this was one of its attempts."""
        arguments = (
            round(delay_s * 1000),
            int(counted),
            reason,
            self._limits.retention_ms,
            self._limits.events_retention_ms,
        )
        return bool(await self.connection.run("release", claim.id, claim.token, *arguments))

    async def upkeep(self, worker: str, *, sweep: bool = True) -> None:
        """Register a worker as alive, queue what is left of accepted batches, and drop abandoned uploads.

        With `sweep` also: requeue the jobs of lost workers, end delays, delete what is past its retention.
        """
        workers, now = self.connection.key("workers"), time.time()
        pipe = self.connection.client.pipeline()
        pipe.zadd(workers, {worker: now})
        pipe.zremrangebyscore(workers, "-inf", now - 60)
        await self.connection.call(pipe.execute())
        if sweep:
            await self._sweep()
        await queue_batches(self.connection, self._limits)
        await self.connection.run("batch_discard", "", UPLOAD_S * 1000, PORTION)

    async def _sweep(self) -> None:
        answer = await self.connection.run(
            "sweep", self.attempts, self._limits.retention_ms, self._limits.events_retention_ms
        )
        lost, failed, forgotten = map(int, answer)
        if lost:
            logger.warning("%d jobs of lost workers: %d will be retried, %d failed", lost, lost - failed, failed)
        if forgotten:
            logger.debug("%d ended jobs, batches and keys are past their retention", forgotten)

    async def leave(self, worker: str) -> None:
        """Register that a worker takes no more jobs."""
        await self.connection.call(self.connection.client.zrem(self.connection.key("workers"), worker))

    async def close(self) -> None:
        """Stop listening, and close the connections."""
        await self.queued.close()
        await self.cancelled.close()
        await self.connection.close()

    @property
    def _lease(self) -> int:
        return round(self.lease_s * 1000)
