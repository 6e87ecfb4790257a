"""A worker claims jobs, proves and reports them, and renews its leases. Told to end, it hands its jobs on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prover.errors import ProofEnvironmentError, StoreError
from prover.jobs.attempt import AttemptContext, AttemptResult, WorkerSlot, was_cancelled
from prover.jobs.job import JobFailure
from prover.jobs.queue import Claim, JobQueue, LeaseState
from prover.jobs.reporter import ProgressReporter
from prover.storage.ending import end_tasks

logger = logging.getLogger(__name__)

IDLE_S = 1.0
"""Poll interval of an idle worker, in case a notification is lost."""
UPKEEP_S = 1.0
LATE_S = 600.0
"""How long reporting a result is retried while Redis cannot be reached."""
LONGEST_DELAY_S = 60.0
STOP_S = 2.0
"""A supervisor that stops everything may reach our Lean before us. A machine fault waits this long for the signal."""
LAST_REPORT_S = 10.0
"""As `LATE_S`, while the worker drains: Redis may be restarted along with it."""
Sums = Callable[[], Mapping[str, float]]


def delay_before_retry(attempt: int, first_s: float) -> float:
    """Return the seconds to wait after attempt number `attempt` (from 1) fails: doubled each time, up to a minute."""
    return min(LONGEST_DELAY_S, first_s * 2.0 ** min(attempt - 1, 100))


@dataclass(slots=True)
class _RunningJob:
    """A job that a slot works on."""

    claim: Claim
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    handing_on: bool = False


class Worker:
    """Proves up to `concurrency` theorems at once until it is drained. `sums` returns what to add to the totals.

    `alive_file` is touched whenever the worker has reported to Redis.
    """

    def __init__(
        self,
        queue: JobQueue,
        context: AttemptContext,
        *,
        concurrency: int = 1,
        retry_s: float = 5.0,
        drain_s: float = 30.0,
        sums: Sums = dict,
        alive_file: Path | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._queue = queue
        self._context = context
        self._concurrency = concurrency
        self._retry_s = retry_s
        self._drain_s = drain_s
        self._sums = sums
        self._alive_file = alive_file
        self._running: dict[str, _RunningJob] = {}
        self._draining = asyncio.Event()
        self._handing_on = asyncio.Event()
        self._claiming = asyncio.Lock()  # one slot claims at a time
        self._outages = 0  # jobs in a row that met one
        self._unsuspected = 0  # running jobs that may run beside others
        self._alone = asyncio.Event()  # set while there are none
        self._alone.set()

    def drain(self) -> None:
        """Claim no more jobs, finish the running ones if time allows, then end."""
        self._draining.set()

    def hand_on(self) -> None:
        """Claim no more jobs, and give the running ones back to the queue at once."""
        self._handing_on.set()
        self._draining.set()

    async def run(self) -> None:
        """Claim and prove jobs until drained."""
        slots = [asyncio.create_task(self._fill_slot()) for _ in range(self._concurrency)]
        draining = asyncio.create_task(self._draining.wait())
        background = [
            asyncio.create_task(loop())
            for loop in (self._keep_leases, self._listen_for_cancellations, self._maintain_queue)
        ]
        logger.info("worker %s starts, %d at once", self.name, self._concurrency)
        try:
            await asyncio.wait([draining, *slots], return_when=asyncio.FIRST_COMPLETED)
            for broken in [slot for slot in slots if slot.done() and not self._draining.is_set()]:
                broken.result()  # our own fault: a worker that dies is noticed, one with a slot less is not
            logger.info("worker %s drains, jobs under way: %d", self.name, len(self._running))
            await _first(asyncio.wait(slots, timeout=self._drain_s), self._handing_on.wait())
            late = [slot for slot in slots if not slot.done()]
            for job in self._running.values():
                job.handing_on = True
                job.cancel.set()
            if late:
                await asyncio.wait(late)
        finally:
            await end_tasks(draining, *slots, *background)
            with contextlib.suppress(StoreError):
                await self._queue.leave(self.name)
            logger.info("worker %s has ended", self.name)

    # ---- one slot --------------------------------------------------------------------------------------------------
    async def _fill_slot(self) -> None:
        slot = WorkerSlot(self._context)
        with contextlib.suppress(ProofEnvironmentError):  # the first job will say why
            slot.open()
        try:
            with self._queue.queued.listen() as wait_for_job:
                while not self._draining.is_set():
                    async with self._claiming:
                        claim = None if self._draining.is_set() else await self._claim()
                        if claim is not None and claim.suspect:
                            # A theorem that crashes its worker takes the other jobs there down with it. So every job
                            # of a lost worker is retried alone: only the culprit can crash another.
                            await self._work(slot, claim, after=self._alone)
                            continue
                        if claim is not None:
                            self._unsuspected += 1
                            self._alone.clear()
                    if claim is None:
                        await _first(wait_for_job(IDLE_S), self._draining.wait())
                        continue
                    try:
                        await self._work(slot, claim)
                    finally:
                        self._unsuspected -= 1
                        if not self._unsuspected:
                            self._alone.set()
        finally:
            await slot.close()

    async def _claim(self) -> Claim | None:
        try:
            return await self._queue.claim(self.name)
        except StoreError as error:
            logger.warning("%s", error)
            await _first(asyncio.sleep(IDLE_S), self._draining.wait())
            return None

    async def _work(self, slot: WorkerSlot, claim: Claim, *, after: asyncio.Event | None = None) -> None:
        job = _RunningJob(claim)
        self._running[claim.id] = job
        reporter = ProgressReporter(self._queue, claim)
        try:
            if after is not None:
                await _first(after.wait(), job.cancel.wait())
            started = time.monotonic()
            result = await slot.attempt(claim.task, listener=reporter.listen, cancel=job.cancel)
            await reporter.close()
            outcome = "lost" if job.lost else await self._report(job, result)
        finally:
            await reporter.close()
            del self._running[claim.id]
        logger.info(
            "job %s: %s",
            claim.id,
            outcome,
            extra={
                "job": claim.id,
                "outcome": outcome,
                "attempt": claim.attempt,
                "seconds": round(time.monotonic() - started, 3),
                "request_id": claim.task.request_id,
                "digest": result.record.digest[:16] if result.record else None,
                "reason": result.failure.kind if result.failure else None,
            },
        )

    async def _report(self, job: _RunningJob, result: AttemptResult) -> str:
        """Report to the queue, with retries while Redis is down. Returns what became of the job, for the log."""
        until = time.monotonic() + LATE_S
        if result.retry:
            await _first(asyncio.sleep(STOP_S), self._draining.wait())
            job.handing_on = job.handing_on or self._draining.is_set()
        sums = {**result.sums, **self._sums()}
        while True:
            try:
                return await self._report_once(job, result, sums)
            except StoreError as error:
                if self._draining.is_set():
                    until = min(until, time.monotonic() + LAST_REPORT_S)
                if time.monotonic() > until:
                    return f"not reported: {error}"
                logger.warning("job %s cannot be reported yet: %s", job.claim.id, error)
                await asyncio.sleep(1.0)

    async def _report_once(self, job: _RunningJob, result: AttemptResult, sums: Mapping[str, float]) -> str:
        claim, queue = job.claim, self._queue
        if result.record is not None and (result.record.proved or not job.handing_on or not was_cancelled(result)):
            cancelled = job.cancel.is_set() and was_cancelled(result)
            self._outages = 0
            kept = await queue.complete(claim, result.record, cached=result.cached, cancelled=cancelled, sums=sums)
            return "lost" if not kept else "proved" if result.record.proved else "cancelled" if cancelled else "ended"
        if job.handing_on:
            return "handed on" if await queue.release(claim, counted=False, reason="its worker ended") else "lost"
        if result.failure is None:
            return "cancelled" if await queue.cancel(claim) else "lost"
        if result.outage:
            return await self._wait_out(claim, result.failure.reason)
        if result.retry and claim.attempt < queue.attempts:
            delay_s = delay_before_retry(claim.attempt, self._retry_s)
            logger.warning("job %s, attempt %d: %s", claim.id, claim.attempt, result.failure.reason)
            released = await queue.release(claim, delay_s=delay_s, counted=True, reason=result.failure.reason)
            return "to be retried" if released else "lost"
        times = f" ({claim.attempt} times)" if result.retry else ""
        failure = result.failure.model_copy(update={"reason": result.failure.reason + times})
        return "failed" if await queue.fail(claim, JobFailure.model_validate(failure), sums=sums) else "lost"

    async def _wait_out(self, claim: Claim, reason: str) -> str:
        """Return a job to the queue until what it depends on may be back; longer each time, without an attempt lost."""
        self._outages += 1
        delay_s = delay_before_retry(self._outages, self._retry_s)
        logger.warning("job %s waits %.0f s: %s", claim.id, delay_s, reason)
        released = await self._queue.release(claim, delay_s=delay_s, counted=False, reason=reason)
        return "waits" if released else "lost"

    # ---- beside the slots --------------------------------------------------------------------------------------------
    async def _keep_leases(self) -> None:
        """Renew the leases. A job that is cancelled, or no longer ours, stops."""
        while True:
            await asyncio.sleep(self._queue.lease_s / 4)
            await self._renew_leases()

    async def _listen_for_cancellations(self) -> None:
        """Renew the leases at once when a job is cancelled."""
        with self._queue.cancelled.listen() as wait_for_cancellation:
            while True:
                if await wait_for_cancellation(60.0):
                    await self._renew_leases()

    async def _renew_leases(self) -> None:
        running = list(self._running.values())
        if not running:
            return
        try:
            states = await self._queue.renew([job.claim for job in running])
        except StoreError as error:
            logger.warning("leases cannot be renewed: %s", error)
            return
        for job, state in zip(running, states, strict=True):
            if state is LeaseState.LOST and job.claim.id in self._running:
                job.lost = True
            if state is not LeaseState.OK:
                job.cancel.set()

    async def _maintain_queue(self) -> None:
        sweep_from = 0.0
        while True:
            try:
                await self._queue.upkeep(self.name, sweep=time.monotonic() >= sweep_from)
                if self._alive_file is not None:
                    self._alive_file.touch()
            except StoreError as error:
                logger.debug("no upkeep: %s", error)
                # While Redis was away no lease could be renewed: live workers do so before any is taken for dead.
                sweep_from = time.monotonic() + self._queue.lease_s / 2
            await asyncio.sleep(UPKEEP_S)


async def _first(*waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of these, and cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
