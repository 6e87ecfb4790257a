"""Ending work early when an event is set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class SearchCancelledError(Exception):
    """The caller's `cancel` event was set. Never leaves the search."""


async def unless_cancelled(cancel: asyncio.Event | None, work: Awaitable[T]) -> T:
    """Return the result of `work`.

    Raises:
        SearchCancelledError: the event was set first. `work` is cancelled.
    """
    if cancel is None:
        return await work
    task = asyncio.ensure_future(work)
    waiter = asyncio.ensure_future(cancel.wait())
    try:
        await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise SearchCancelledError
    finally:
        for pending in (task, waiter):
            pending.cancel()
        await asyncio.gather(task, waiter, return_exceptions=True)


@contextmanager
def cancelled_by(event: asyncio.Event | None) -> Iterator[None]:
    """Cancel the current task if the event is set within the block, or is set already.

    For work outside the search, whose callers expect CancelledError.
    """
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
