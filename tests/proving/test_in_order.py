"""Work side by side, results in order."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from prover.proving.in_order import AHEAD, in_order


async def test_results_come_in_the_order_of_the_items_whichever_ends_first() -> None:
    first_may_end = asyncio.Event()

    async def work(number: int) -> int:
        if number == 0:
            await first_may_end.wait()
        else:
            first_may_end.set()
        return number * number

    assert [result async for result in in_order(range(5), work, at_once=2)] == [0, 1, 4, 9, 16]


async def test_no_more_are_worked_on_at_once_and_no_more_are_read_ahead() -> None:
    at_work = most = 0
    read = []

    async def work(number: int) -> int:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0)
        at_work -= 1
        return number

    def items() -> object:
        for number in range(100):
            read.append(number)
            yield number

    async with aclosing(in_order(items(), work, at_once=3)) as results:  # type: ignore[arg-type]
        async for result in results:
            assert len(read) <= result + 3 * AHEAD
    assert (most, len(read)) == (3, 100)


async def test_an_error_ends_what_is_under_way() -> None:
    ended = []

    async def work(number: int) -> int:
        if number == 0:
            raise ValueError("no")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)
        return number

    with pytest.raises(ValueError, match="no"):
        async for _ in in_order([0, 1, 2], work, at_once=3):
            pass
    assert sorted(ended) == [1, 2]
