"""Which signals count, and what of us they reach."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from prover.cli.run import Stop, run
from prover.cli.signals import ECHO_S, HURRY, STOPPING, Wishes
from prover.search.cancelling import cancelled_by

INT, TERM, HUP = STOPPING


class Clock:
    """Stands still unless told otherwise."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("arrivals", "count"),
    [
        ([(0, INT)], 1),
        ([(0, INT), (0, INT)], 1),  # key repeat
        ([(0, TERM), (0.1, TERM), (ECHO_S - 0.01, TERM)], 1),  # `timeout`, systemd
        ([(0, INT), (60, TERM)], 1),  # Ctrl-C, and a parent that passes it on when it gets to it
        ([(0, TERM), (60, INT), (120, TERM)], 2),
        ([(0, HUP), (60, HUP), (120, HUP)], 1),  # the terminal's, and its shell's
        ([(0, TERM), (1, HUP)], 1),
        ([(0, INT), (ECHO_S, INT)], 2),
        ([(0, TERM), (1, TERM), (1.1, TERM), (2, TERM)], 3),
        ([(0, INT), (1, TERM), (2, TERM)], 2),
    ],
)
def test_only_a_second_wish_counts_again(arrivals: list[tuple[float, int]], count: int) -> None:
    clock = Clock()
    wishes = Wishes(clock)
    for clock.now, number in arrivals:
        wishes.came(number)
    assert wishes.count == count


@pytest.mark.parametrize("number", STOPPING)
def test_work_that_waits_is_broken_off_by_one_signal(number: int) -> None:
    async def work(stop: Stop) -> None:
        os.kill(os.getpid(), number)
        await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        run(work)


@pytest.mark.parametrize("number", STOPPING)
def test_work_that_heeds_the_event_ends_as_it_likes(number: int) -> None:
    async def work(stop: Stop) -> str:
        with stop.heeded():
            os.kill(os.getpid(), number)
            await stop.wait()
        return "my own way"

    assert run(work) == "my own way"


def test_supervised_work_takes_no_signal_for_a_second_but_its_parents() -> None:
    async def work(stop: Stop) -> bool:
        with stop.heeded(times=2):
            for number in (*STOPPING, *STOPPING):
                os.kill(os.getpid(), number)
                await asyncio.sleep(ECHO_S)
            assert stop.is_set()
            assert not stop.again.is_set()
            os.kill(os.getpid(), HURRY)
            await stop.again.wait()
        return True

    assert run(work, supervised=True)


def test_handlers_are_as_they_were_afterwards() -> None:
    before = [signal.getsignal(number) for number in STOPPING]

    async def work(_: Stop) -> None: ...

    run(work)
    assert [signal.getsignal(number) for number in STOPPING] == before


def test_hang_up_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(HUP, signal.SIG_IGN)  # as `nohup` has it
    try:

        async def work(stop: Stop) -> bool:
            os.kill(os.getpid(), HUP)
            await asyncio.sleep(0)
            return stop.is_set()

        assert not run(work)
    finally:
        signal.signal(HUP, before)


async def test_event_cancels_what_is_inside_and_nothing_after() -> None:
    event = asyncio.Event()

    async def inside() -> None:
        with cancelled_by(event):
            await asyncio.Event().wait()

    waiting = asyncio.ensure_future(inside())
    await asyncio.sleep(0)
    event.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    async def after() -> str:
        later = asyncio.Event()
        with cancelled_by(later):
            pass
        later.set()
        await asyncio.sleep(0)
        return "undisturbed"

    assert await asyncio.ensure_future(after()) == "undisturbed"
