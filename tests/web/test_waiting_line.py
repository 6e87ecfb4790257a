"""Work that the API does while clients wait: bounded, and refused with a 429 beyond that."""

from __future__ import annotations

import asyncio

import pytest

from prover.errors import TooBusyError
from prover.web.waiting_line import WaitingLine


async def test_one_works_one_waits_and_the_third_is_refused() -> None:
    line = WaitingLine(concurrency=1, capacity=2, refusal="too many", retry_after_s=5.0)
    order: list[str] = []
    leave = asyncio.Event()

    async def visit(name: str, until: asyncio.Event) -> None:
        async with line.turn():
            order.append(name)
            await until.wait()

    working = asyncio.create_task(visit("first", leave))
    waiting = asyncio.create_task(visit("second", leave))
    await asyncio.sleep(0)
    assert order == ["first"]
    with pytest.raises(TooBusyError, match="too many") as refused:
        await visit("third", leave)
    assert refused.value.retry_after_s == 5.0
    leave.set()
    await asyncio.gather(working, waiting)
    await visit("fourth", leave)
    assert order == ["first", "second", "fourth"]


async def test_who_gives_up_waiting_makes_room() -> None:
    line = WaitingLine(concurrency=1, capacity=1, refusal="too many", retry_after_s=5.0)

    async def visit() -> None:
        async with line.turn():
            await asyncio.Event().wait()

    visitor = asyncio.create_task(visit())
    await asyncio.sleep(0)
    visitor.cancel()
    await asyncio.gather(visitor, return_exceptions=True)
    async with line.turn():
        pass
