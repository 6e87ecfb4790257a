"""Processes that verify: started ahead, kept warm, shared by the environments of one machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from prover.environments.lean_wasm.process import LeanProcess

Imports = tuple[str, ...]
Start = Callable[[Imports], Awaitable[LeanProcess]]


class Checkers:
    """At most `at_once` processes verify concurrently; idle ones are kept for `kinds` different imports."""

    def __init__(self, at_once: int = 1, kinds: int = 2) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._kinds = kinds
        self._idle: dict[Imports, list[asyncio.Task[LeanProcess]]] = {}  # the least recently used first
        self._busy: list[tuple[Imports, asyncio.Task[LeanProcess]]] = []
        self._users = 0

    def join(self) -> None:
        """Register another user."""
        self._users += 1

    async def leave(self) -> None:
        """Unregister a user. With the last one all processes end, also those that are still at work."""
        self._users -= 1
        if self._users > 0:
            return
        tasks = [task for tasks in self._idle.values() for task in tasks] + [task for _, task in self._busy]
        self._idle.clear()
        await asyncio.gather(*map(end, tasks))

    def warm(self, imports: Imports, start: Start) -> None:
        """Start a process in the background, unless there is one."""
        tasks = [task for task in self._idle.pop(imports, []) if _usable(task)]
        if not tasks and all(imports != busy for busy, _ in self._busy):
            task = asyncio.ensure_future(start(imports))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            tasks = [task]
        if tasks:
            self._idle[imports] = tasks

    @asynccontextmanager
    async def one(self, imports: Imports, start: Start) -> AsyncIterator[LeanProcess]:
        """Lend a process, a warm one if possible. Raises what `start` raises."""
        async with self._slots:
            self.warm(imports, start)
            tasks = self._idle.get(imports)
            task = tasks.pop() if tasks else asyncio.ensure_future(start(imports))
            self._busy.append((imports, task))
            try:
                yield await asyncio.shield(task)
            finally:
                self._busy.remove((imports, task))
                if _usable(task):
                    self._idle[imports] = [*self._idle.pop(imports, []), task]
        await self._retire()

    async def _retire(self) -> None:
        """End idle processes with imports beyond the `kinds` that are kept."""
        while len(self._idle) > self._kinds:
            oldest = next(iter(self._idle))
            await asyncio.gather(*map(end, self._idle.pop(oldest)))


def _usable(task: asyncio.Task[LeanProcess]) -> bool:
    """Return whether a process is starting, or running."""
    return not task.done() or not (task.cancelled() or task.exception() or not task.result().alive)


async def end(task: asyncio.Task[LeanProcess]) -> None:
    """End a process, even one that is starting."""
    if not task.done():
        task.cancel()
    started = (await asyncio.gather(task, return_exceptions=True))[0]
    if isinstance(started, LeanProcess):
        await started.close()
