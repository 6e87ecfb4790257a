#!/usr/bin/env python3
"""One connection, one PISA process: gives each client a server of its own and ends it when the client leaves.

PISA itself serves one tenant and cannot cancel. Here a process is started when a connection is accepted, bytes go both
ways, and when either side ends, the process and everything it has started (Isabelle, Poly/ML, provers) is killed, also
what has left its process group. Only the standard library, so that it runs in a bare container.

    relay.py --listen 0.0.0.0:8000 --most 4 --ports 8100-8199 -- java -cp pisa.jar pisa.server.PisaOneStageServer{port}

{port} in the command is replaced by the port that the process has to serve on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import errno
import os
import secrets
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path

TAG = "PROVER_LEASE"
RUN = secrets.token_hex(4)
"""What the tags of this relay's processes begin with."""
BOOT_S = 120.0
WAIT_S = 30.0  # for a place that is just being left
WATCH_S = 1.0
START_S = 1.0  # a process is not between two programs for longer
CHUNK = 65536
BAD_INPUT, MACHINE_FAULT = 2, 3  # exit statuses, as those of `prover`
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Relay:
    """Starts processes for connections, at most `most` at once."""

    def __init__(self, command: list[str], *, ports: list[int], most: int, memory_mb: int) -> None:
        self.command = command
        self.ports = ports
        self.free = asyncio.Semaphore(min(most, len(ports)))
        self.memory_mb = memory_mb
        self.connections: set[asyncio.Task[None]] = set()
        self.starting = 0  # processes whose number we do not know yet
        self.leaders: set[int] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            async with asyncio.timeout(WAIT_S):
                await self.free.acquire()
        except TimeoutError:
            say("refused: all places are taken")
            self.connections.discard(task)
            writer.close()
            return
        try:
            port = await self.reserve_port()
            try:
                await self.with_process(port, reader, writer)
            finally:
                self.ports.append(port)
        finally:
            self.free.release()
            self.connections.discard(task)
            writer.close()

    async def reserve_port(self) -> int:
        """Return a port that nobody else serves: on one, another's server would answer in place of ours.

        It leaves the list before anything is waited for, so that two connections never have the same.
        """
        for _ in range(len(self.ports)):
            port = self.ports.pop(0)
            try:
                taken = await is_taken(port)
            except BaseException:
                self.ports.append(port)
                raise
            if not taken:
                return port
            self.ports.append(port)
            say(f"port {port} is taken by another process; see --ports")
        return self.ports.pop(0)  # starting a process there will fail and say so

    async def with_process(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Start a process and carry bytes until one side ends."""
        lease = f"{RUN}-{secrets.token_hex(4)}"
        process = await self.start(port, lease)
        say(f"{lease}: started on port {port}")
        try:
            ended = asyncio.ensure_future(process.wait())
            connected = asyncio.ensure_future(connect(port))
            left = asyncio.ensure_future(reader.read(CHUNK))  # a client speaks first, and its leaving shows here
            await asyncio.wait({ended, connected}, return_when=asyncio.FIRST_COMPLETED, timeout=BOOT_S)
            if not connected.done() or connected.exception():
                say(f"{lease}: does not serve port {port}")
                connected.cancel()
                left.cancel()
                return
            inner_reader, inner_writer = connected.result()
            parts = {
                ended,
                asyncio.ensure_future(carry(reader, inner_writer, left)),
                asyncio.ensure_future(carry(inner_reader, writer)),
                asyncio.ensure_future(self.watch(lease)),
            }
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            inner_writer.close()
        finally:
            kill(lease, process.pid)
            await process.wait()
            self.leaders.discard(process.pid)
            say(f"{lease}: ended")

    async def start(self, port: int, lease: str) -> asyncio.subprocess.Process:
        """Start a process that serves a port, in a session of its own."""
        self.starting += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *(part.replace("{port}", str(port)) for part in self.command),
                stdin=asyncio.subprocess.DEVNULL,
                env=os.environ | {TAG: lease},
                start_new_session=True,
            )
            self.leaders.add(process.pid)
        finally:
            self.starting -= 1
        self.reap()
        return process

    def reap(self) -> None:
        """Take note of the end of our processes' orphans, which are ours now: else each stays in the list of processes.

        Asyncio waits for the processes that we started ourselves; while it starts one, any could be that one.
        """
        for place in () if self.starting else Path("/proc").iterdir():
            if place.name.isdigit() and int(place.name) not in self.leaders and parent(place) == os.getpid():
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(int(place.name), os.WNOHANG)

    async def watch(self, lease: str) -> None:
        """Return when the process and its children hold more memory than they may."""
        while True:
            await asyncio.sleep(WATCH_S)
            if self.memory_mb and sum(resident_mb(pid) for pid in members(lease)[0]) > self.memory_mb:
                say(f"{lease}: more than {self.memory_mb} MB")
                return


async def is_taken(port: int) -> bool:
    """Does something listen on this port already?"""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as the process listens."""
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)


async def carry(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, first: asyncio.Future[bytes] | None = None
) -> None:
    """Copy bytes until the source ends."""
    with contextlib.suppress(OSError):
        data = await (first or source.read(CHUNK))
        while data:
            sink.write(data)
            await sink.drain()
            data = await source.read(CHUNK)


def members(lease: str, parents: Collection[int] = ()) -> tuple[list[int], bool]:
    """Return all processes that were started for a lease, or for all that begin so: they have inherited its tag.

    And whether a child of `parents` is between two programs, where its tag cannot be read for a moment. Both come from
    one look at each process: one that has begun its program between two looks would be seen by neither.
    """
    tag = f"{TAG}={lease}".encode()
    found, starting = [], False
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with contextlib.suppress(OSError):
                environment = (place / "environ").read_bytes()
                if any(part.startswith(tag) for part in environment.split(b"\0")):
                    found.append(int(place.name))
                elif not environment and parent(place) in parents and not is_zombie(int(place.name)):
                    starting = True
    return found, starting


def resident_mb(pid: int) -> float:
    """Return the memory of a process, 0 if it has gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def kill(lease: str, leader: int | None = None) -> None:
    """Kill all that carry a tag, and if there is one its leader with the whole group, until none is left."""
    killed: set[int] = set()
    if leader is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        killed.add(leader)  # seems dead when its first thread is; another may have a child that just starts
    end = time.monotonic() + START_S
    while True:
        found, starting = members(lease, {os.getpid(), *killed})
        pids = [pid for pid in found if not is_zombie(pid)]
        if not pids and (not starting or time.monotonic() > end):
            break
        if not pids:
            time.sleep(0.005)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed.update(pids)


def parent(place: Path) -> int:
    """Return the parent of a process, 0 if it has gone."""
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def is_zombie(pid: int) -> bool:
    """Has this process ended, and only waits to be noticed?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def say(text: str) -> None:
    """Write a line to the log."""
    print(f"relay: {text}", file=sys.stderr, flush=True)


async def run(options: argparse.Namespace) -> None:
    """Serve until a signal ends us; then end all processes."""
    first, _, last = options.ports.partition("-")
    host, _, port = options.listen.rpartition(":")
    if not port.isdigit():
        say(f"--listen wants HOST:PORT, not {options.listen}")
        sys.exit(BAD_INPUT)
    loop = asyncio.get_running_loop()
    relay = Relay(
        options.command,
        ports=list(range(int(first), int(last or first) + 1)),
        most=options.most,
        memory_mb=options.memory_mb,
    )
    try:
        server = await asyncio.start_server(relay.serve, host or "127.0.0.1", int(port))
    except OSError as error:
        why = f"port {port} is in use" if error.errno == errno.EADDRINUSE else error.strerror
        say(f"cannot listen on {options.listen}: {why}")
        sys.exit(MACHINE_FAULT)
    stop = asyncio.Event()
    for number in STOPPING:
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGCHLD, relay.reap)
    say(f"listening on {server.sockets[0].getsockname()[1]}")
    await stop.wait()
    server.close()
    for task in relay.connections:
        task.cancel()
    await asyncio.gather(*relay.connections, return_exceptions=True)


def leave_a_guard() -> None:
    """Have a process that ends what we have started if we are killed and cannot do it ourselves."""
    ours, theirs = os.pipe()  # nobody writes: the end of the last writer, which is us, is what is waited for
    if os.fork():
        os.close(ours)
        return
    os.setsid()
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    os.close(theirs)
    os.read(ours, 1)
    kill(RUN)
    os._exit(0)


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT")
    parser.add_argument("--most", type=int, default=1, help="processes at once")
    parser.add_argument("--ports", default="8100-8199", help="ports of PISA's main classes, one for each process")
    parser.add_argument("--memory-mb", type=int, default=0, help="kill a process with more (0: no limit)")
    parser.add_argument("command", nargs="+", help="what to start, with {port}")
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans of our processes stay ours
    options = parser.parse_args()
    leave_a_guard()
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
