"""Isabelle's own ML process with repl.ML in it: started by the program `isabelle`, spoken to over a loopback socket.

States are values in that process and go by names. What made each is kept here, so that a process that was ended, or
that ended by itself, can be replaced: its states are made again when they are asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPL = Path(__file__).with_name("repl.ML")
ROOT = "default"
GRACE_S = 5.0
"""A command that goes on for so long after its limit is ended together with its process."""
REPLAY_S = 120.0
LOG_LINES = 20


class MachineError(Exception):
    """The process ended, does not start, or does not speak as it should: nothing about mathematics."""


class OverdueError(Exception):
    """A command did not stop at its limit; its process was ended."""


class UnknownStateError(Exception):
    """There is no state of that name."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the process is started."""

    tool: str = "isabelle"
    session: str = "HOL"
    folders: tuple[str, ...] = ()
    imports: tuple[str, ...] = ("Main",)
    boot_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Step:
    """What a state came from."""

    state: str
    text: str
    limit_s: float


class MLProcess:
    """One Isabelle/ML process at a time. One request at a time: calls wait for each other."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.version = ""
        self._base = theory_header(options.imports)
        self._process: asyncio.subprocess.Process | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._log: list[str] = []
        self._reading: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._steps: dict[str, Step] = {}
        self._held: set[str] = set()

    # ---- states --------------------------------------------------------------------------------------------------
    async def apply(self, state: str, text: str, new: str, limit_s: float) -> list[str]:
        """Run commands on a state and name the result. Returns the answer of repl.ML."""
        async with self._turn:
            await self._reach(state)
            answer = await self._asked("apply", state, new, str(round(limit_s * 1000)), text, limit_s=limit_s)
            if answer[0] == "ok":
                self._steps[new] = Step(state, text, limit_s)
                self._held.add(new)
            return answer

    async def ask(self, kind: str, state: str, *more: str, limit_s: float = REPLAY_S) -> list[str]:
        """Ask something about a state."""
        async with self._turn:
            await self._reach(state)
            return await self._asked(kind, state, *more, limit_s=limit_s)

    async def base(self, header: str) -> None:
        """Say which theory's commands a text is read with where no theory has begun."""
        async with self._turn:
            await self._running()
            answer = await self._asked("base", header, limit_s=self.options.boot_s)
            if answer[0] != "ok":
                raise UnknownStateError(answer[1])
            self._base = header

    async def theories(self) -> list[str]:
        """Return the names of all theories that the process has."""
        async with self._turn:
            await self._running()
            return (await self._asked("theories", limit_s=REPLAY_S))[1:]

    async def clone(self, old: str, new: str) -> None:
        """Give a state another name."""
        async with self._turn:
            await self._reach(old)
            await self._asked("clone", old, new, limit_s=REPLAY_S)
            self._held.add(new)
            if old in self._steps:
                self._steps[new] = self._steps[old]

    async def delete(self, name: str) -> bool:
        """Forget a state. What others were made from stays known, so that those can be made again."""
        async with self._turn:
            known = name in self._held or name in self._steps
            if name in self._held and self._streams is not None:
                await self._asked("delete", name, limit_s=REPLAY_S)
            self._held.discard(name)
            if not any(step.state == name for step in self._steps.values()):
                self._steps.pop(name, None)
            return known

    async def reset(self) -> None:
        """Forget all states."""
        async with self._turn:
            self._steps.clear()
            self._held = {ROOT}
            await self._running()
            await self._asked("reset", limit_s=REPLAY_S)

    @property
    def names(self) -> list[str]:
        """All states that can be used."""
        return sorted({ROOT, *self._steps})

    async def _reach(self, name: str) -> None:
        """Make a state again if the process does not hold it."""
        await self._running()
        path: list[str] = []
        while name not in self._held:
            if name not in self._steps:
                raise UnknownStateError(name)
            path.append(name)
            name = self._steps[name].state
        for each in reversed(path):
            step = self._steps[each]
            limit_s = max(REPLAY_S, step.limit_s)
            request = ("apply", step.state, each, str(round(limit_s * 1000)), step.text)
            if (await self._asked(*request, limit_s=limit_s))[0] != "ok":
                raise MachineError(f"the state {each} cannot be made again")
            self._held.add(each)

    # ---- the process ---------------------------------------------------------------------------------------------
    async def _asked(self, *request: str, limit_s: float) -> list[str]:
        try:
            async with asyncio.timeout(limit_s + GRACE_S if limit_s > 0 else None):
                await self._write(request)
                answer = await self._read()
        except TimeoutError as error:
            await self.end()
            raise OverdueError(f"Timeout after {limit_s + GRACE_S:.3g}s") from error
        except (OSError, EOFError, ValueError) as error:
            raise await self._ended() from error
        except asyncio.CancelledError:
            await self.end()  # an answer that nobody waits for would be taken for the next
            raise
        if answer[0] == "lost":
            raise UnknownStateError(answer[1])
        if answer[0] == "interrupt":
            raise MachineError("Isabelle was interrupted")
        return answer

    async def _running(self) -> None:
        """Start the process if there is none."""
        if self._process is not None and self._process.returncode is None and self._streams is not None:
            return
        await self.end()
        for tool in ("process", "ML_process"):
            if await self._booted(tool):
                break
            unknown = any("Unknown Isabelle tool" in line for line in self._log)
            error = await self._ended()
            if not unknown:
                raise error
        else:
            raise MachineError(f"{self.options.tool} has neither the tool `process` nor `ML_process`")
        self._held = {ROOT}
        answer = await self._asked("base", self._base, limit_s=self.options.boot_s)
        if answer[0] != "ok":
            raise MachineError(f"the imports cannot be loaded: {answer[1]}")

    async def _booted(self, tool: str) -> bool:
        """Start the process with a tool. Returns whether it has connected."""
        if not self.version:
            self.version = await self._output("version")
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not connected.done():
                connected.set_result((reader, writer))

        password = secrets.token_hex(16)
        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**20)
        port = server.sockets[0].getsockname()[1]
        self._log = []
        try:
            self._process = await self._started(
                tool,
                *("-l", self.options.session),
                *(part for folder in self.options.folders for part in ("-d", folder)),
                *("-o", "quick_and_dirty=false", "-o", "parallel_proofs=0", "-o", "threads=1"),
                *("-e", toplevel_ml(self.version), "-f", str(REPL)),
                *("-e", f'Prover_REPL.main "127.0.0.1:{port}" "{password}"'),
            )
            self._reading = asyncio.ensure_future(self._read_log(self._process))
            ended = asyncio.ensure_future(self._process.wait())
            waiting: set[asyncio.Future[Any]] = {ended, connected}
            await asyncio.wait(waiting, return_when="FIRST_COMPLETED", timeout=self.options.boot_s)
            ended.cancel()
            if not connected.done():
                return False
            self._streams = connected.result()
            return await self._read() == ["hello", password]
        finally:
            server.close()

    async def _started(self, *arguments: str) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                self.options.tool,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineError(f"{self.options.tool} does not start: {error.strerror}") from error

    async def _output(self, *arguments: str) -> str:
        process = await self._started(*arguments)
        output, _ = await process.communicate()
        return output.decode("utf-8", "replace").strip()

    async def _read_log(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._log = [*self._log, line.decode("utf-8", "replace").rstrip()][-LOG_LINES:]

    async def _ended(self) -> MachineError:
        """End what is left of the process; return what to say of it."""
        process = self._process
        await self.end()
        status = f" (status {process.returncode})" if process is not None else ""
        return MachineError(f"Isabelle ended{status}: {' | '.join(self._log) or 'it said nothing'}")

    async def end(self) -> None:
        """End the process with all that it started; its states can be made again in another."""
        process, self._process = self._process, None
        streams, self._streams = self._streams, None
        self._held = set()
        if streams is not None:
            streams[1].close()
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=1.0)
            self._reading.cancel()
            self._reading = None

    # ---- messages ------------------------------------------------------------------------------------------------
    async def _write(self, parts: Sequence[str]) -> None:
        assert self._streams is not None
        data = [part.encode() for part in parts]
        self._streams[1].write(",".join(str(len(part)) for part in data).encode() + b"\n" + b"".join(data))
        await self._streams[1].drain()

    async def _read(self) -> list[str]:
        assert self._streams is not None
        reader = self._streams[0]
        header = await reader.readline()
        if not header.endswith(b"\n"):
            raise EOFError("the connection ends")
        lengths = [int(part) for part in header.decode("ascii").strip().split(",")]
        return [(await reader.readexactly(length)).decode("utf-8", "replace") for length in lengths]


def toplevel_ml(version: str) -> str:
    """Return ML that defines the toplevel outside of any theory, which has two names by version."""
    new = "2022" not in version
    made = "Toplevel.make_state NONE" if new else "Toplevel.init_toplevel ()"
    return f"fun prover_toplevel () = {made}"


def theory_header(imports: Sequence[str]) -> str:
    """Return the beginning of a theory with these imports."""
    names = " ".join(name if name.isidentifier() else f'"{name}"' for name in imports)
    return f"theory Scratch imports {names} begin"
