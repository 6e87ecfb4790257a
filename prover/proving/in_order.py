"""Several pieces of work at once, their results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 4
"""So many times as many items are begun as are worked on at once: one that takes long does not hold up the others."""


async def in_order(
    items: Iterable[Item], work: Callable[[Item], Awaitable[Result]], *, at_once: int
) -> AsyncGenerator[Result, None]:
    """Yield what `work` returns for each item, at most `at_once` of them being worked on. Raises what `work` raises.

    Items are read as they are needed. What is under way ends with the iterator.
    """
    slots = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Result:
        async with slots:
            return await work(item)

    begun: deque[asyncio.Task[Result]] = deque()
    try:
        for item in items:
            begun.append(asyncio.create_task(one(item)))
            if len(begun) >= AHEAD * at_once:
                yield await begun[0]
                begun.popleft()
        while begun:
            yield await begun[0]
            begun.popleft()
    finally:
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
