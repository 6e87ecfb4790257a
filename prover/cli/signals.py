"""Which signals ask a command to stop, and which of them are somebody's second thought.

One wish to stop may arrive several times: Ctrl-C reaches a whole group of processes, `timeout` and systemd signal a
command and its children alike, a closing terminal hangs up twice, and a parent passes on what it got. None of these
copies may be taken for the second signal, which breaks in.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HURRY = signal.SIGUSR1
"""What a service sends to its workers when it is itself told to stop a second time."""
ECHO_S = 0.5
"""The same signal again within this time is a copy. Nobody waits for less before being impatient."""


class Wishes:
    """Counts how often somebody has asked for the end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: dict[int, float] = {}
        self.count = 0

    def came(self, number: int) -> bool:
        """Take in a signal. Returns whether it asks anew: the first, or one of its kind that came before."""
        now, before = self._clock(), self._counted.get(number)
        if self.count and number == signal.SIGHUP:
            return False
        if before is not None and now - before < ECHO_S:
            return False
        self._counted[number] = now
        if self.count and before is None:
            return False
        self.count += 1
        return True


def heeded_signals() -> tuple[signal.Signals, ...]:
    """Return the signals to handle: not a hang-up that `nohup` has told us to ignore."""
    return tuple(number for number in STOPPING if number != signal.SIGHUP or not _ignored(number))


def _ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, each of the signals raises KeyboardInterrupt, so that whatever is under way is left in order.

    What it started is ended then: a tool that builds or fetches for us would go on alone.
    """

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    with handlers_kept():
        for number in heeded_signals():
            signal.signal(number, interrupt)
        try:
            yield
        except (KeyboardInterrupt, click.Abort):  # click makes the one into the other
            end_children()
            raise


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Within, handlers may be changed; afterwards they are as they were."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_children() -> None:
    """Kill what we have started, and what that has started."""
    import psutil  # here: no command that ends by itself needs it

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
