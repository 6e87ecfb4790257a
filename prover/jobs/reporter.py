"""Progress and events of a running job, sent to the queue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

from prover.errors import StoreError
from prover.jobs.job import Progress
from prover.jobs.queue import Claim, JobQueue
from prover.search.events import Expanded, SearchEvent, Tried
from prover.search.live import LiveTrace

logger = logging.getLogger(__name__)

FLUSH_S = 0.1
"""Interval at which the events of a search are sent, in batches."""


class ProgressReporter:
    """Sends the events of a search, in batches."""

    def __init__(self, queue: JobQueue, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self._trace = LiveTrace(claim.task.text) if claim.task.events else None
        self._progress = self._sent = Progress()
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._flush_often())

    def listen(self, event: SearchEvent) -> None:
        """Record an event of the search."""
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
        """Send what is left. Nothing is sent afterwards."""
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
            await self._queue.report_progress(self._claim, self._sent, events)
        except StoreError as error:
            logger.debug("events are lost: %s", error)
