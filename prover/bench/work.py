"""Many tasks with a proof assistant: several workers, results written as they come, safe to kill and to resume."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from prover.bench.results import ResultsFile
from prover.environments.environment import ProofEnvironment
from prover.errors import GeneratorError, ProofEnvironmentError, ProverError

logger = logging.getLogger(__name__)

ATTEMPTS = 2  # at one task, if the machine fails


class Task(Protocol):
    """A unit of work, known by its name."""

    @property
    def name(self) -> str:
        """Unique in the run."""


TaskT = TypeVar("TaskT", bound=Task, contravariant=True)
EnvironmentT = TypeVar("EnvironmentT", bound=ProofEnvironment)


class Watcher(Protocol[TaskT]):
    """Hears about the progress of a run."""

    def started(self, worker: int, task: TaskT, /) -> None:
        """A worker takes up a task."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        """A worker has written a result."""


async def run_tasks(
    tasks: Sequence[TaskT],
    results: ResultsFile,
    *,
    environment: Callable[[], EnvironmentT],
    attempt: Callable[[TaskT, EnvironmentT], Awaitable[dict[str, Any] | None]],
    failed: Callable[[TaskT], dict[str, Any]],
    workers: int,
    watcher: Watcher[TaskT],
    cancel: asyncio.Event | None = None,
) -> None:
    """Work on all tasks that have no result yet. Each worker has its own environment.

    `attempt` gives a task's result, or None if it was cancelled; it is broken off when `cancel` is set. If the machine
    fails at it twice, the result is what `failed` gives with its `error`; such tasks are tried again when the run is
    resumed.

    Raises:
        ResultNotWrittenError: the disk is full.
    """
    left = deque(task for task in tasks if not _settled(results.done.get(task.name)))

    async def work(number: int) -> None:
        own = environment()
        try:
            while left and not (cancel and cancel.is_set()):
                task = left.popleft()
                watcher.started(number, task)
                for turn in range(1, ATTEMPTS + 1):
                    try:
                        result = await _unless(cancel, attempt(task, own))
                        break
                    except (ProofEnvironmentError, GeneratorError) as error:
                        logger.warning("%s: %s", task.name, error)
                        await own.close()
                        own = environment()
                        if turn == ATTEMPTS:
                            result = {**failed(task), "error": f"machine: {error}"}
                    except ProverError:
                        raise
                    except Exception as error:  # a fault of a policy's, or of ours, costs one task and not the run
                        logger.exception("%s failed", task.name)
                        result = {**failed(task), "error": f"machine: {type(error).__name__}: {error}"}
                        break
                if result is None:  # cancelled
                    return
                results.add(result)
                watcher.finished(number, result)
        finally:
            await own.close()

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(workers):
                group.create_task(work(number))
    except ExceptionGroup as failures:  # one worker's failure has ended the others; it says more than the group
        raise failures.exceptions[0] from failures


async def _unless(cancel: asyncio.Event | None, attempt: Awaitable[dict[str, Any] | None]) -> dict[str, Any] | None:
    if cancel is None:
        return await attempt
    attempting, waiting = asyncio.ensure_future(attempt), asyncio.ensure_future(cancel.wait())
    try:
        await asyncio.wait({attempting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return attempting.result() if attempting.done() and not attempting.cancelled() else None
    finally:
        for pending in (attempting, waiting):
            pending.cancel()
        await asyncio.gather(attempting, waiting, return_exceptions=True)


def _settled(result: dict[str, Any] | None) -> bool:
    return result is not None and not str(result["error"] or "").startswith("machine: ")
