"""Run asynchronous work from a command, with signals setting an event instead of breaking in anywhere."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from prover.cli.signals import HURRY, Wishes, handlers_kept, heeded_signals

T = TypeVar("T")


class Stop(asyncio.Event):
    """Set by the first signal; `again` by the second.

    Work is broken off where it waits, unless it says that it looks at the event: then it has its own way to end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.again = asyncio.Event()
        self.heeds = 0

    @contextmanager
    def heeded(self, times: int = 1) -> Iterator[None]:
        """Within, so many signals set events and nothing else. The next one breaks in."""
        before, self.heeds = self.heeds, times
        try:
            yield
        finally:
            self.heeds = before


def run(work: Callable[[Stop], Awaitable[T]], *, supervised: bool = False) -> T:
    """Run `work`, which gets an event that Ctrl-C, SIGTERM or a hang-up sets.

    `supervised`: a parent passes signals on, so none of them is a second one; it says by a signal of its own when it
    is to go faster.
    """

    async def main() -> T:
        stop, wishes = Stop(), Wishes()
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None

        def act(count: int) -> None:
            (stop.set if count == 1 else stop.again.set)()
            if count > stop.heeds:
                task.cancel()
                if count > 1:  # whatever still holds us up: the next one is the system's to deal with
                    for number in heeded_signals():
                        loop.remove_signal_handler(number)
                        signal.signal(number, signal.SIG_DFL)

        def heard(number: signal.Signals) -> None:
            if wishes.came(number) and not (supervised and wishes.count > 1):
                act(wishes.count)

        def hurry() -> None:
            stop.set()
            act(2)

        for number in heeded_signals():
            loop.add_signal_handler(number, heard, number)
        if supervised:
            loop.add_signal_handler(HURRY, hurry)
        return await work(stop)

    with handlers_kept():
        try:
            return asyncio.run(main())
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
