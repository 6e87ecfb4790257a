"""Breaking off what does not look at an event by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cancelled_by(event: asyncio.Event | None) -> Iterator[None]:
    """Within, the task that runs this is cancelled when the event is set (or is set already)."""
    if event is None:
        yield
        return
    task = asyncio.current_task()
    assert task is not None  # events are awaited by tasks

    def cancel(_: object) -> None:
        task.cancel()

    waiting = asyncio.ensure_future(event.wait())
    waiting.add_done_callback(cancel)
    try:
        yield
    finally:
        waiting.remove_done_callback(cancel)
        waiting.cancel()
