"""A worker: claims jobs, proves them, reports; renews its leases; hands its jobs on when it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from prover.errors import StoreError
from prover.jobs.attempt import Bench, Ended, Seat, was_cancelled
from prover.jobs.job import JobFailure, Progress
from prover.jobs.queue import Claim, Hold, JobQueue
from prover.search.events import Expanded, SearchEvent, Tried
from prover.search.live import LiveTrace

logger = logging.getLogger(__name__)

FLUSH_S = 0.1
"""Events of a search go out together, so often."""
IDLE_S = 1.0
"""Besides being told of new jobs, a worker looks so often."""
UPKEEP_S = 1.0
LATE_S = 600.0
"""A result is kept for so long while Redis cannot be reached."""
LONGEST_DELAY_S = 60.0
STOP_S = 2.0
"""A supervisor that stops everything may reach our Lean before us: so long a fault waits for an explanation."""
LAST_REPORT_S = 10.0
"""While we end, a report is tried for so long: Redis may be stopped along with us, and be started again."""
Sums = Callable[[], Mapping[str, float]]


def delay_before_retry(attempt: int, first_s: float) -> float:
    """Return seconds to wait after the n-th attempt (from 1) ended in a machine fault: doubled, up to a minute."""
    return min(LONGEST_DELAY_S, first_s * 2.0 ** min(attempt - 1, 100))


@dataclass(slots=True)
class _Work:
    """A job under way."""

    claim: Claim
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    handing_on: bool = False


class Worker:
    """Proves up to `concurrency` theorems at once until it is drained. `sums`: gives what to add to the totals."""

    def __init__(
        self,
        queue: JobQueue,
        bench: Bench,
        *,
        concurrency: int = 1,
        retry_s: float = 5.0,
        drain_s: float = 30.0,
        sums: Sums = dict,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._queue = queue
        self._bench = bench
        self._concurrency = concurrency
        self._retry_s = retry_s
        self._drain_s = drain_s
        self._sums = sums
        self._working: dict[str, _Work] = {}
        self._draining = asyncio.Event()
        self._hurrying = asyncio.Event()
        self._turn = asyncio.Lock()  # one seat claims at a time
        self._sharing = 0  # jobs that others may be beside
        self._quiet = asyncio.Event()
        self._quiet.set()

    def drain(self) -> None:
        """Take no more jobs, finish those under way if time allows, then end."""
        self._draining.set()

    def hand_on(self) -> None:
        """Take no more jobs, and let others have those under way at once."""
        self._hurrying.set()
        self._draining.set()

    async def run(self) -> None:
        """Work until drained."""
        seats = [asyncio.create_task(self._sit()) for _ in range(self._concurrency)]
        draining = asyncio.create_task(self._draining.wait())
        minders = [asyncio.create_task(mind()) for mind in (self._keep, self._hear, self._upkeep)]
        logger.info("worker %s starts, %d at once", self.name, self._concurrency)
        try:
            await asyncio.wait([draining, *seats], return_when=asyncio.FIRST_COMPLETED)
            for broken in [seat for seat in seats if seat.done() and not self._draining.is_set()]:
                broken.result()  # a fault of ours: better no worker, which is noticed, than one with a seat less
            logger.info("worker %s drains, jobs under way: %d", self.name, len(self._working))
            await _first(asyncio.wait(seats, timeout=self._drain_s), self._hurrying.wait())
            late = [seat for seat in seats if not seat.done()]
            for work in self._working.values():
                work.handing_on = True
                work.cancel.set()
            if late:
                await asyncio.wait(late)
        finally:
            for task in (draining, *seats, *minders):
                task.cancel()
            await asyncio.gather(draining, *seats, *minders, return_exceptions=True)
            with contextlib.suppress(StoreError):
                await self._queue.leave(self.name)
            logger.info("worker %s has ended", self.name)

    # ---- one seat --------------------------------------------------------------------------------------------------
    async def _sit(self) -> None:
        seat = Seat(self._bench)
        try:
            with self._queue.queued.listen() as rung:
                while not self._draining.is_set():
                    async with self._turn:
                        claim = None if self._draining.is_set() else await self._claim()
                        if claim is not None and claim.suspect:
                            # A theorem that brings its worker down takes the others there with it. So what was there
                            # when one was lost is tried alone: only the guilty brings down another.
                            await self._work(seat, claim, after=self._quiet)
                            continue
                        if claim is not None:
                            self._sharing += 1
                            self._quiet.clear()
                    if claim is None:
                        await _first(rung(IDLE_S), self._draining.wait())
                        continue
                    try:
                        await self._work(seat, claim)
                    finally:
                        self._sharing -= 1
                        if not self._sharing:
                            self._quiet.set()
        finally:
            await seat.close()

    async def _claim(self) -> Claim | None:
        try:
            return await self._queue.claim(self.name)
        except StoreError as error:
            logger.warning("%s", error)
            await _first(asyncio.sleep(IDLE_S), self._draining.wait())
            return None

    async def _work(self, seat: Seat, claim: Claim, *, after: asyncio.Event | None = None) -> None:
        work = _Work(claim)
        self._working[claim.id] = work
        reporter = _Reporter(self._queue, claim)
        try:
            if after is not None:
                await _first(after.wait(), work.cancel.wait())
            started = time.monotonic()
            ended = await seat.attempt(claim.task, listener=reporter.listen, cancel=work.cancel)
            await reporter.close()
            outcome = "lost" if work.lost else await self._report(work, ended)
        finally:
            await reporter.close()
            del self._working[claim.id]
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
                "digest": ended.record.digest[:16] if ended.record else None,
                "reason": ended.failure.kind if ended.failure else None,
            },
        )

    async def _report(self, work: _Work, ended: Ended) -> str:
        """Tell the store; while Redis is down, again and again. Returns what became of the job, for the log."""
        until = time.monotonic() + LATE_S
        if ended.again:
            await _first(asyncio.sleep(STOP_S), self._draining.wait())
            work.handing_on = work.handing_on or self._draining.is_set()
        sums = {**ended.sums, **self._sums()}
        while True:
            try:
                return await self._report_once(work, ended, sums)
            except StoreError as error:
                if self._draining.is_set():
                    until = min(until, time.monotonic() + LAST_REPORT_S)
                if time.monotonic() > until:
                    return f"not reported: {error}"
                logger.warning("job %s cannot be reported yet: %s", work.claim.id, error)
                await asyncio.sleep(1.0)

    async def _report_once(self, work: _Work, ended: Ended, sums: Mapping[str, float]) -> str:
        claim, queue = work.claim, self._queue
        if ended.record is not None and (ended.record.proved or not work.handing_on or not was_cancelled(ended)):
            cancelled = work.cancel.is_set() and was_cancelled(ended)
            kept = await queue.complete(claim, ended.record, cached=ended.cached, cancelled=cancelled, sums=sums)
            return "lost" if not kept else "proved" if ended.record.proved else "cancelled" if cancelled else "ended"
        if work.handing_on:
            return "handed on" if await queue.give_back(claim, counted=False, reason="its worker ended") else "lost"
        if ended.failure is None:
            return "cancelled" if await queue.cancel(claim) else "lost"
        if ended.again and claim.attempt < queue.attempts:
            delay_s = delay_before_retry(claim.attempt, self._retry_s)
            logger.warning("job %s, attempt %d: %s", claim.id, claim.attempt, ended.failure.reason)
            again = await queue.give_back(claim, delay_s=delay_s, counted=True, reason=ended.failure.reason)
            return "to be tried again" if again else "lost"
        times = f" ({claim.attempt} times)" if ended.again else ""
        failure = ended.failure.model_copy(update={"reason": ended.failure.reason + times})
        return "failed" if await queue.fail(claim, JobFailure.model_validate(failure), sums=sums) else "lost"

    # ---- beside the seats --------------------------------------------------------------------------------------------
    async def _keep(self) -> None:
        """Renew the leases; a job that is cancelled or no longer ours stops."""
        while True:
            await asyncio.sleep(self._queue.lease_s / 4)
            await self._renew()

    async def _hear(self) -> None:
        """Somebody cancels: look at once."""
        with self._queue.cancelled.listen() as rung:
            while True:
                if await rung(60.0):
                    await self._renew()

    async def _renew(self) -> None:
        working = list(self._working.values())
        if not working:
            return
        try:
            holds = await self._queue.renew([work.claim for work in working])
        except StoreError as error:
            logger.warning("leases cannot be renewed: %s", error)
            return
        for work, hold in zip(working, holds, strict=True):
            if hold is Hold.LOST and work.claim.id in self._working:
                work.lost = True
            if hold is not Hold.OK:
                work.cancel.set()

    async def _upkeep(self) -> None:
        sweep_from = 0.0
        while True:
            try:
                await self._queue.upkeep(self.name, sweep=time.monotonic() >= sweep_from)
            except StoreError as error:
                logger.debug("no upkeep: %s", error)
                # While Redis was away nobody could renew: all who live do so before anybody is taken for dead.
                sweep_from = time.monotonic() + self._queue.lease_s / 2
            await asyncio.sleep(UPKEEP_S)


async def _first(*waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of these; the others are broken off."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Reporter:
    """Sends what happens in a search, in portions."""

    def __init__(self, queue: JobQueue, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self._trace = LiveTrace(claim.task.text) if claim.task.events else None
        self._progress = self._sent = Progress()
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._flush_often())

    def listen(self, event: SearchEvent) -> None:
        """Take in an event of the search."""
        if self._trace is not None:
            self._trace(event)
        now = self._progress
        if isinstance(event, Expanded):
            depth = max(now.depth, event.node.depth)
            changed = {"expansions": now.expansions + 1, "frontier": event.frontier, "depth": depth}
            self._progress = now.model_copy(update=changed)
        elif isinstance(event, Tried):
            self._progress = now.model_copy(update={"tactics": now.tactics + 1})

    async def close(self) -> None:
        """Send the rest. Nothing is sent afterwards."""
        self._closing.set()
        await self._task

    async def _flush_often(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._closing.wait()
            await self._flush()

    async def _flush(self) -> None:
        changes = self._trace.take() if self._trace is not None else []
        if not changes and self._progress == self._sent:
            return
        events: list[tuple[str, str]] = [
            (change.event, json.dumps(change.data, ensure_ascii=False)) for change in changes
        ]
        if self._progress != self._sent:
            events.append(("progress", self._progress.model_dump_json()))
        self._sent = self._progress
        try:
            await self._queue.tell(self._claim, self._sent, events)
        except StoreError as error:
            logger.debug("events are lost: %s", error)
