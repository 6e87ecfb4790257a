"""Server-sent events: the events of a job as they happen, from any event on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator

from fastapi.sse import format_sse_event

from prover.errors import JobNotFoundError, StoreError
from prover.jobs.store import JobEvent
from prover.web.metrics import Metrics
from prover.web.schemas import ProofView
from prover.web.services import Services

logger = logging.getLogger(__name__)

RECONNECT_MS = 1000
"""Delay after which a client that loses its connection reconnects, with the id of the last event it received."""


async def event_stream(
    services: Services, metrics: Metrics, job_id: str, owner: str, after: str | None
) -> AsyncGenerator[bytes, None]:
    """Give the bytes of a job's stream. It ends after `finished`, or when the service shuts down."""
    metrics.streams.inc()
    try:
        yield format_sse_event(retry=RECONNECT_MS, comment=job_id)
        events = services.store.follow(job_id, after)
        async for event in _until(events, services.draining):
            if event is None:
                yield format_sse_event(comment="still here")
            elif event.event == "finished":
                yield await _finished(services, job_id, owner, event.id)
                return
            else:
                yield format_sse_event(event=event.event, id=event.id, data_str=event.data)
        if not services.draining.is_set():  # its events are past their retention; the job itself may not be
            yield await _finished(services, job_id, owner, None)
    except (JobNotFoundError, StoreError) as error:  # the client reconnects and gets the error
        logger.debug("an event stream breaks off: %s", error)
    finally:
        metrics.streams.dec()


async def _finished(services: Services, job_id: str, owner: str, event_id: str | None) -> bytes:
    job = await services.store.get(job_id, owner=owner)
    data = ProofView.of(job).model_dump_json()
    return format_sse_event(event="finished", id=event_id, data_str=data)


async def _until(events: AsyncIterator[JobEvent | None], end: asyncio.Event) -> AsyncIterator[JobEvent | None]:
    stop = asyncio.ensure_future(end.wait())
    try:
        while True:
            step = asyncio.ensure_future(anext(events))
            await asyncio.wait({step, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)
                return
            try:
                yield step.result()
            except StopAsyncIteration:
                return
    finally:
        stop.cancel()
        await asyncio.gather(stop, return_exceptions=True)
