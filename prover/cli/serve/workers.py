"""The worker processes of `prover serve`: started, started again if they end, and told to end with it."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Mapping

from prover.cli.signals import HURRY

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S = 5.0
HAND_ON_S = 25.0
"""How long workers may take to hand on their jobs."""
STEADY_S = 60.0
"""A worker that ran for so long is started again at once. One that is younger may still be starting."""


class Workers:
    """Worker processes; one that ends is started again."""

    def __init__(self, environment: Mapping[str, str], *, drain_s: float) -> None:
        """`environment`: of their processes. `drain_s`: how long they may go on with their jobs when told to end."""
        self._environment = environment
        self.drain_s = drain_s
        self._patience_s = self.drain_s + HAND_ON_S
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._started: dict[int, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._draining = False

    def start(self, count: int) -> None:
        """Start so many."""
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(count)]

    def starting(self) -> int:
        """Return how many run for so short a time that they may not have reported yet."""
        now = time.monotonic()
        young = [number for number, started in self._started.items() if now - started < STEADY_S]
        return sum(number not in self._running or self._running[number].returncode is None for number in young)

    def drain(self) -> None:
        """Tell all to end, once: they finish what they can, and hand on the rest."""
        if not self._draining:
            self._draining = True
            self._tell(signal.SIGTERM)

    async def close(self, hurry: asyncio.Event) -> None:
        """Wait for all to end; who takes too long is killed, and the job goes to another.

        When `hurry` is set they are told to hand on at once.
        """
        self.drain()
        ending = asyncio.ensure_future(asyncio.wait(self._tasks)) if self._tasks else None
        if ending is None:
            return
        hurrying = asyncio.ensure_future(hurry.wait())
        try:
            await asyncio.wait({ending, hurrying}, timeout=self._patience_s, return_when=asyncio.FIRST_COMPLETED)
            if not ending.done() and hurrying.done():
                logger.info("told again: workers hand on what they have")
                self._tell(HURRY)
                await asyncio.wait({ending}, timeout=HAND_ON_S)
        finally:  # also when we are broken off ourselves
            hurrying.cancel()
            self._tell(signal.SIGKILL)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(ending, hurrying, *self._tasks, return_exceptions=True)

    def _tell(self, number: signal.Signals) -> None:
        for process in self._running.values():
            if process.returncode is None:
                process.send_signal(number)

    async def _keep(self, number: int) -> None:
        from prover.storage.embedded_server import ends_with_parent

        pause_s = 0.0
        while not self._draining:
            self._started[number] = started = time.monotonic()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "prover", "worker", "--supervised"),
                env=self._environment,
                process_group=0,  # Ctrl-C is for us; the same session, see lean_wasm/process.py
                preexec_fn=lambda: ends_with_parent(HURRY),
            )
            self._running[number] = process
            if self._draining:  # meanwhile, when it was not there to be told
                process.terminate()
            status = await process.wait()
            if self._draining:
                return
            steady = time.monotonic() - started > STEADY_S
            pause_s = 0.0 if steady else min(LONGEST_PAUSE_S, 2 * pause_s + 0.5)
            logger.error("a worker ended (status %d); another starts in %.1f s", status, pause_s)
            await asyncio.sleep(pause_s)
