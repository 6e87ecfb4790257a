"""One REPL process: JSON over its standard input and output, each message closed by an empty line.

The REPL has neither limits nor cancellation, answers in order, and keeps every state. So a process that takes too long
is ended, and one that has grown too much is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from prover.environments.ending_with_us import ending_with_us
from prover.environments.last_words import LastWords
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, SessionCrashedError

LINE_LIMIT = 256 * 1024 * 1024  # bytes
WATCH_S = 0.5
NEEDED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "ELAN_HOME", "ELAN_TOOLCHAIN", "LEAN_PATH", "LEAN_SYSROOT")
"""The environment variables that the process gets: untrusted text sees no keys or passwords."""


class AnswerTimeoutError(Exception):
    """No answer in time; the process has been ended."""


class MemoryExceededError(AnswerTimeoutError):
    """The process took more memory than it may, and has been ended."""


class ReplProcess:
    """A REPL and how much it has been used. One request at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words = LastWords(process, "the REPL")
        self._busy = asyncio.Lock()
        self._root = _watched(process.pid)
        self._at_start = 0
        self.commands = 0
        self.environments: dict[str, int] = {}
        """REPL environments by the text that leads to them: the imports are the empty text, headers stand on top."""

    @classmethod
    async def start(cls, command: Sequence[str], folder: Path, programs: Path | None = None) -> ReplProcess:
        """Start a process; `programs` is looked in before PATH. Raises EnvironmentUnavailableError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *ending_with_us(command),
                cwd=folder,
                env=variables(NEEDED, programs),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE_LIMIT,
                process_group=0,  # to be killed as one; in our session, where `nice` counts
            )
        except OSError as error:
            raise EnvironmentUnavailableError(f"{command[0]} does not start: {error.strerror}") from error
        return cls(process)

    @property
    def alive(self) -> bool:
        """Is the process still running?"""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def settled(self) -> None:
        """Note that the imports are loaded: memory from now on counts as growth."""
        self._at_start = self._resident()

    @property
    def growth_mb(self) -> float:
        """Memory growth since the imports were loaded, in MiB."""
        return max(0, self._resident() - self._at_start) / 2**20

    async def request(
        self, message: dict[str, Any], *, timeout_s: float | None = None, most_mb: float | None = None
    ) -> dict[str, Any]:
        """Send a request and return its answer.

        A process that does not answer in time is ended, and so is one whose caller is cancelled.

        Raises:
            AnswerTimeoutError: not within `timeout_s`, or not within `most_mb` of growth.
            SessionCrashedError: the process ended.
            EnvironmentProtocolError: the answer is no JSON object.
        """
        async with self._busy:
            if not self.alive:
                raise SessionCrashedError(await self._last_words.told())
            self.commands += 1
            answering = asyncio.ensure_future(self._exchange(message))
            try:
                await self._wait(answering, timeout_s, most_mb)
            except BaseException:
                answering.cancel()
                await self.close()
                raise
            try:
                return answering.result()
            except EnvironmentProtocolError:
                await self.close()
                raise

    async def close(self) -> None:
        """End the process, all that it started, and wait for it."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._last_words.close()
        if self._process.stdin:
            self._process.stdin.close()
            with contextlib.suppress(OSError):
                await self._process.stdin.wait_closed()

    async def _wait(
        self, answering: asyncio.Future[dict[str, Any]], timeout_s: float | None, most_mb: float | None
    ) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + (timeout_s if timeout_s is not None else float("inf"))
        while not answering.done():
            left_s = end - loop.time()
            if left_s <= 0:
                raise AnswerTimeoutError
            step_s = min(left_s, WATCH_S) if most_mb is not None else None if left_s == float("inf") else left_s
            await asyncio.wait({answering}, timeout=step_s)
            if most_mb is not None and not answering.done() and self.growth_mb > most_mb:
                raise MemoryExceededError

    async def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        stdin = self._process.stdin
        assert stdin is not None  # a pipe, see start()
        try:
            # One line: the REPL joins lines without a break, so that one inside a string would vanish.
            stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n\n")
            await stdin.drain()
        except OSError as error:
            raise SessionCrashedError(await self._last_words.told()) from error
        return await self._read()

    async def _read(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None  # a pipe, see start()
        lines: list[bytes] = []
        while True:
            line = await stdout.readline()
            if not line:
                raise SessionCrashedError(await self._last_words.told())
            if line.strip():
                lines.append(line)
            elif lines:
                break
        try:
            answer = json.loads(b"".join(lines))
        except ValueError as error:
            raise EnvironmentProtocolError(f"the REPL said what is not JSON: {lines[0][:200]!r}") from error
        if not isinstance(answer, dict):
            raise EnvironmentProtocolError(f"the REPL's answer is no object: {lines[0][:200]!r}")
        return answer

    def _resident(self) -> int:
        """Memory of the process and what it started (`lake env` stays in front of the REPL), in bytes."""
        total = 0
        with contextlib.suppress(psutil.Error):
            if self._root:
                for process in (self._root, *self._root.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        total += private_bytes(process.memory_info())
        return total


def variables(names: Sequence[str], programs: Path | None = None) -> dict[str, str]:
    """Return those of our environment variables, with a folder of programs in front of PATH."""
    found = {name: os.environ[name] for name in names if name in os.environ}
    if programs is not None:
        found["PATH"] = f"{programs}{os.pathsep}{found.get('PATH', os.defpath)}"
    return found


def private_bytes(memory: Any) -> int:
    """Return the memory that is a process' own, in bytes: the pages of compiled libraries are files, and shared."""
    return max(0, int(memory.rss) - int(getattr(memory, "shared", 0)))


def _watched(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None
