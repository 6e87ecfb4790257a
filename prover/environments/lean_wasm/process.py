"""Client of one Node process (node/driver.mjs): JSON lines over its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, Literal

from prover.environments.last_words import LastWords
from prover.environments.lean_wasm.install import Installation, driver_command, mark_used
from prover.environments.machine_limits import BUSY
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, SessionCrashedError

LINE_LIMIT = 512 * 1024 * 1024  # bytes; goals and messages can be long
START_TIMEOUT_S = 600.0  # ends only what hangs
ANSWER_MARGIN_S = 60.0  # beyond the limits that the Node process enforces itself: only one that hangs needs it
CANCEL_WAIT_S = 3.0
GRACE_S = 0.4  # the Node process's own, between asking Lean to stop and killing its instance

PROCESSORS = 2  # V8 compiles beside the Lean that reads

Answer = dict[str, Any]  # as it came; typed where it is read, in answers.py and session.py


def reading(timeout_s: float) -> dict[str, Any]:
    """Return the limits of a request that reads a text: the work of so many seconds on an idle machine, on any."""
    clock_s = BUSY * timeout_s
    return {
        "limit_s": clock_s + GRACE_S,
        "timeoutMs": clock_s * 1000,
        "processorMs": [PROCESSORS * timeout_s * 1000],
    }


class LeanProcess:
    """One Node process: `search` holds sessions and their states, `check` verifies whole texts.

    One request at a time. The process ends with its parent, however that ends.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words = LastWords(process, "the Lean process")
        self._lock = asyncio.Lock()
        self.version = ""
        self.generation = 0
        """Grows when the Lean instance inside is replaced, and with it all sessions and states are gone."""

    @classmethod
    async def start(
        cls, installation: Installation, role: Literal["search", "check"], imports: tuple[str, ...], *, nice: int = 0
    ) -> LeanProcess:
        """Start a process and wait until Lean is ready.

        Raises:
            EnvironmentUnavailableError: not installed, damaged, or the imports do not exist.
        """
        installation.require()
        config: dict[str, object] = {"role": role, "imports": imports, "paths": installation.paths()}
        snapshot = installation.snapshot(imports)
        if snapshot.usable:
            for file in (snapshot.file, snapshot.index, snapshot.axioms):
                mark_used(file)
            index = json.loads(snapshot.index.read_text())
            config["snapshot"] = {"file": str(snapshot.file), "axioms": str(snapshot.axioms), "index": index}
        process = await asyncio.create_subprocess_exec(
            *driver_command(installation, config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            env={},  # untrusted code sees no variable of the user's
            process_group=0,  # Ctrl-C is for us; the process leaves when its input ends
        )
        if nice:
            _set_niceness(process.pid, nice)
        _end_first(process.pid)
        self = cls(process)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                hello = await self._read()
        except TimeoutError:
            await self.close()
            raise EnvironmentUnavailableError(
                f"the embedded Lean did not start within {START_TIMEOUT_S:.0f} s"
            ) from None
        except SessionCrashedError as error:
            raise EnvironmentUnavailableError(f"the embedded Lean does not start: {error}") from error
        except BaseException:
            await self.close()
            raise
        if "fatal" in hello:
            await self.close()
            raise EnvironmentUnavailableError(str(hello["fatal"]))
        self.version = str(hello["version"])
        return self

    @property
    def alive(self) -> bool:
        """Is the process still running?"""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    async def request(self, op: str, *, limit_s: float, **fields: object) -> Answer:
        """Send one request and return its answer. `limit_s`: how long the process may take by its own limits.

        If the caller is cancelled, so is the request in Lean, promptly.

        Raises:
            SessionCrashedError: the process ended or did not answer in time (it is ended then).
        """
        async with self._lock:
            if not self.alive:
                raise SessionCrashedError(await self._last_words.told())
            number = secrets.token_hex(16)  # whatever else writes to the process's output cannot guess it
            answering = asyncio.ensure_future(self._exchange({"id": number, "op": op, **fields}))
            try:
                done, _ = await asyncio.wait({answering}, timeout=limit_s + ANSWER_MARGIN_S)
            except asyncio.CancelledError:
                await self._cancel(answering)
                raise
            if not done:
                answering.cancel()
                await self.close()
                raise SessionCrashedError(f"Lean did not answer within {limit_s + ANSWER_MARGIN_S:.0f} s")
            answer = answering.result()
        if answer.get("id") != number:
            await self.close()
            raise EnvironmentProtocolError("Lean gave an answer that belongs to no request")
        if answer.get("lost"):
            self.generation += 1
        if "fatal" in answer:
            await self.close()
            raise SessionCrashedError(str(answer["fatal"]))
        return answer

    def notify(self, op: str, **fields: object) -> None:
        """Send a request that has no answer."""
        if self.alive and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps({"op": op, **fields}).encode() + b"\n")

    async def close(self) -> None:
        """End the process and wait for it."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        await self._last_words.close()
        if self._process.stdin:
            self._process.stdin.close()
            with contextlib.suppress(OSError):
                await self._process.stdin.wait_closed()

    async def _exchange(self, message: dict[str, object]) -> Answer:
        stdin = self._process.stdin
        assert stdin is not None  # a pipe, see start()
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()
        except OSError as error:
            raise SessionCrashedError(await self._last_words.told()) from error
        return await self._read()

    async def _read(self) -> Answer:
        stdout = self._process.stdout
        assert stdout is not None  # a pipe, see start()
        line = await stdout.readline()
        if not line:
            told = await self._last_words.told()
            await self.close()
            raise SessionCrashedError(told)
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise EnvironmentProtocolError(f"Lean said something that is not JSON: {line[:200]!r}") from error
        return dict(answer)

    async def _cancel(self, answering: asyncio.Future[Answer]) -> None:
        self.notify("cancel")
        done, _ = await asyncio.wait({answering}, timeout=CANCEL_WAIT_S)
        if done and answering.exception() is None:
            if answering.result().get("lost"):
                self.generation += 1
        else:
            answering.cancel()
            await self.close()


def _set_niceness(pid: int, nice: int) -> None:
    """Set a process's Unix niceness.

    Linux may schedule by session first, and niceness then counts only within one: so Lean stays in our session. The
    service as a whole gets its fair share of the machine, and within it Lean gets what the rest leaves.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)


def _end_first(pid: int) -> None:
    """Let the system end this process before others when memory is full: it is replaced, and its end explained."""
    with contextlib.suppress(OSError):  # not on Linux, or it has ended
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")
