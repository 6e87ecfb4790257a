"""Looking for a counterexample beside the search, once that has taken longer than most proofs take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from prover.core.record import Refutation
from prover.search.events import SearchEvent, Tried

AFTER = 0.25
"""Units of effort that the search takes alone."""


class RefutingBeside:
    """A search for a counterexample, which starts by itself: listens to the search for a proof.

    Which of them ends first decides nothing: a statement that can be proved cannot be refuted. `found` is set as soon
    as there is a verified refutation. What is not awaited is ended with the block.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Refutation | None]]) -> None:
        self.found = asyncio.Event()
        self._work = work
        self._task: asyncio.Task[Refutation | None] | None = None
        self._taken = 0.0

    def __call__(self, event: SearchEvent) -> None:
        """Count what the search takes, and start when it is enough."""
        if isinstance(event, Tried):
            self._taken += event.outcome.effort
            if self._taken >= AFTER:
                self.start()

    def start(self) -> asyncio.Task[Refutation | None]:
        """Return the search for a counterexample, started now if it was not before."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._work())
            self._task.add_done_callback(self._ended)
        return self._task

    def _ended(self, task: asyncio.Task[Refutation | None]) -> None:
        if not task.cancelled() and task.exception() is None and task.result() is not None:
            self.found.set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """End what is still looked for."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
