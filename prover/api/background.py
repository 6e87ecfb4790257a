"""An event loop in a thread of its own: synchronous code calls asynchronous code, even where a loop runs already."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")

EXIT_S = 20.0
"""Seconds that the interpreter waits at exit for a loop that was not closed."""


class BackgroundLoop:
    """Runs coroutines in a daemon thread, which starts with the first of them.

    `last` is awaited when the loop is closed, or when the interpreter exits. After that nothing runs any more.
    """

    def __init__(self, last: Callable[[], Awaitable[None]]) -> None:
        self._last = last
        self._lock = threading.RLock()  # a finalizer may call us in the middle of anything
        self._process = os.getpid()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._closed = False
        self._under_way: set[_Call[Any]] = set()

    @property
    def closed(self) -> bool:
        """Has everything stopped?"""
        return self._closed

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result.

        What breaks off the wait, such as Ctrl-C, cancels the coroutine, and is raised when that has ended.

        Raises:
            RuntimeError: the loop is closed, or belongs to another process, or this is its own thread.
        """
        call = _Call(coroutine, self._under_way)
        try:
            self._submit(call)
            return call.result.result()
        except BaseException:
            if not call.submitted:
                call.cancel()
            elif not call.result.done():
                self._soon(call.cancel)
                wait([call.result])
            raise

    def iterate(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        """Yield what an asynchronous generator yields. It is closed with the iterator."""

        async def following() -> tuple[T] | None:
            async for item in items:
                return (item,)
            return None

        try:
            while found := self.run(following()):
                yield found[0]
        finally:
            if threading.current_thread() is self._thread:  # left to the garbage collector
                self.post(items.aclose)
            elif not self._closed:
                self.run(items.aclose())

    def post(self, coroutine: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Schedule a coroutine without waiting for it. Does nothing unless the loop is running."""
        if os.getpid() != self._process:
            return
        with self._lock:
            if self._thread is not None and not self._closed:
                self._soon(lambda: _Call(coroutine(), self._under_way).begin())

    def close(self, *, patience_s: float | None = None) -> None:
        """Cancel what is running, await `last`, end the thread. `patience_s`: how long to wait for that."""
        if os.getpid() != self._process:  # a forked copy, whose lock may be held for ever
            return
        with self._lock:
            closed, self._closed = self._closed, True
            if self._thread is None:
                return
            if not closed:
                atexit.unregister(self._at_exit)
                self._soon(self._stop.set)
        if self._thread is not threading.current_thread():
            self._thread.join(patience_s)

    def close_soon(self) -> None:
        """Close without waiting: for finalizers, which run in whatever thread collects garbage."""
        self.close(patience_s=0)

    def _submit(self, call: _Call[Any]) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("this belongs to another process; every process needs one of its own")
        if threading.current_thread() is self._thread:
            raise RuntimeError(
                "this call would wait for itself; inside the event loop await the asynchronous API (`async with`)"
            )
        with self._lock:
            if self._closed:
                raise RuntimeError("this is closed; open a new one")
            if self._thread is None:
                self._start()
            call.submitted = True
            self._soon(call.begin)

    def _start(self) -> None:
        loop = self._loop = asyncio.new_event_loop()

        def work() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve())

        self._thread = threading.Thread(target=work, name="prover", daemon=True)
        self._thread.start()
        atexit.register(self._at_exit)

    async def _serve(self) -> None:
        await self._stop.wait()
        tasks = [call.task for call in self._under_way if call.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._last()

    def _soon(self, action: Callable[[], object]) -> None:
        assert self._loop is not None  # set when the thread was started
        self._loop.call_soon_threadsafe(action)

    def _at_exit(self) -> None:
        self.close(patience_s=EXIT_S)


class _Call(Generic[T]):
    """A coroutine that a thread waits for."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], under_way: set[_Call[Any]]) -> None:
        self.result: Future[T] = Future()
        self.task: asyncio.Task[T] | None = None
        self.submitted = False
        self._coroutine = coroutine
        self._under_way = under_way

    def begin(self) -> None:
        """Start, on the loop."""
        self.task = asyncio.ensure_future(self._coroutine)
        self._under_way.add(self)
        self.task.add_done_callback(self._ended)

    def cancel(self) -> None:
        """Break off, on the loop; or anywhere before it has begun."""
        if self.task is not None:
            self.task.cancel()
        else:
            self._coroutine.close()
            self.result.cancel()

    def _ended(self, task: asyncio.Task[T]) -> None:
        self._under_way.discard(self)
        if task.cancelled():
            self.result.set_exception(RuntimeError("this was closed while it worked"))
        elif error := task.exception():
            self.result.set_exception(error)
        else:
            self.result.set_result(task.result())
