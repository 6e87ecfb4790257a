"""Run asynchronous work from a command, with Ctrl-C setting an event instead of breaking in anywhere."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prover.errors import MissingExtraError

T = TypeVar("T")


def needs_service() -> None:
    """Raise MissingExtraError unless what the service needs is installed."""
    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import redis  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("serve", f"the service ({error})") from error


def run(work: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run `work`, which gets an event that Ctrl-C or SIGTERM sets. A second signal breaks in at once."""

    async def main() -> T:
        cancel = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()

        def interrupt() -> None:
            if cancel.is_set() and task:
                task.cancel()
            cancel.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
        return await work(cancel)

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
