"""Programs that do not outlive us, even if we are killed: a Lean that is busy with a tactic would not notice."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from prover.errors import EnvironmentUnavailableError

_WATCHED = """
us=$1; shift
{ while kill -0 "$us" && kill -0 $$; do sleep 1; done; kill -9 0; } </dev/null >/dev/null 2>&1 &
{ echo 1000 >/proc/$$/oom_score_adj; } 2>/dev/null
exec "$@"
"""
"""A watcher beside the program, in its process group, kills the group when we or the program are gone.

When memory is full, the system ends the program before us: we say why it ended, and start another.
"""


def ending_with_us(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command line that runs `command`, to be started as the leader of a process group.

    Raises:
        OSError: there is no such program.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return ("sh", "-c", _WATCHED, "sh", str(os.getpid()), *command)


@dataclass(frozen=True, slots=True)
class Run:
    """How a program ended, and its output. `status` is None if it was ended at its time limit."""

    status: int | None
    output: str


async def run_to_end(
    command: Sequence[str],
    *,
    limit_s: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    text: str = "",
    with_errors: bool = True,
) -> Run:
    """Run a program and end it, with all that it started, after `limit_s`.

    `environment`: its variables, ours if None; `text`: its standard input; `with_errors`: the output holds standard
    error as well.

    Raises:
        EnvironmentUnavailableError: it does not start.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *ending_with_us(command),
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT if with_errors else asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentUnavailableError(f"{command[0]} does not start: {error.strerror}") from error
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate(text.encode())
        return Run(process.returncode, output.decode("utf-8", "replace"))
    except TimeoutError:
        return Run(None, "")
    finally:
        _end(process.pid)
        await process.wait()


def _end(pid: int) -> None:
    """End a process and what it started, in whatever process group that is."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
