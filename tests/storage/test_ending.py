"""Tasks end although the Redis client may swallow a cancellation."""

from __future__ import annotations

import asyncio

from prover.storage.ending import end_tasks


async def test_a_loop_that_swallows_a_cancellation_ends_all_the_same() -> None:
    swallowed = 0

    async def loop() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed == 2:
                    raise
                swallowed += 1

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await end_tasks(task)
    assert task.cancelled()
    assert swallowed == 2


async def test_tasks_that_have_ended_or_failed_are_no_trouble() -> None:
    async def fails() -> None:
        raise ValueError

    ended, failed = asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(fails())
    await asyncio.wait({ended, failed})
    await end_tasks(ended, failed)
    await end_tasks()
