"""Runs a Python program that nobody has reviewed: one process, locked down, ended in time.

What it can do: calculate, import what is installed beside us (SymPy), read and write in a scratch directory that is
removed afterwards, print. What it cannot: reach the network, start or signal or look into processes, read other files,
change anything of the system, use more than its share of time and memory. Each of these is tried in
tests/bench/mathematics. If the system cannot enforce this (Landlock and seccomp, Linux 5.13), nothing runs.

Not covered: names and sizes of files outside can be asked for (stat), but not their content; timing and other side
channels; bugs of the kernel; a scratch directory may fill with many files of up to 1 MB within the time limit.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from prover.errors import SandboxUnavailableError

LOCKDOWN = Path(__file__).with_name("lockdown.py")
OUTPUT_BYTES = 65_536
START_S = 60.0  # for Python to start, on a busy machine


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """What a program may use. `wall_s` counts from its first line."""

    cpu_s: int = 10
    wall_s: float = 15.0
    memory_bytes: int = 1 << 30
    file_bytes: int = 1 << 20


class Ending(StrEnum):
    """How a program ended."""

    OK = "ok"
    FAILED = "failed"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """What a program printed (cut at 64 kB), and how it ended."""

    ending: Ending
    output: str
    errors: str = ""


def run_program(
    source: str, *, files: Mapping[str, str] | None = None, limits: ProgramLimits | None = None
) -> ProgramResult:
    """Run a program; `files` are put into its working directory by name.

    Raises:
        SandboxUnavailableError: this system cannot lock it down. The program was not run.
    """
    limits = limits or ProgramLimits()
    with (
        tempfile.TemporaryDirectory(prefix="prover-sandbox-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        for name, text in (files or {}).items():
            path = Path(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", str(LOCKDOWN), str(writing)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            cwd=scratch,
            env={"HOME": scratch, "TMPDIR": scratch, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            pass_fds=(writing,),
            start_new_session=True,
        )
        os.close(writing)
        with process, os.fdopen(reading, "rb") as ready:
            late = _follow(process, ready, {"source": source, "scratch": scratch, "limits": asdict(limits)}, limits)
        printed = _text(errors)
        return ProgramResult(_ending(process.returncode, late, printed), _text(output), printed[-2000:])


def run_programs(
    sources: Iterable[str], *, workers: int | None = None, limits: ProgramLimits | None = None
) -> list[ProgramResult]:
    """Run programs, so many at once (default: one a core), and return their results in order."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        return list(pool.map(lambda source: run_program(source, limits=limits), sources))


def _follow(process: subprocess.Popen[bytes], ready: BinaryIO, task: dict[str, object], limits: ProgramLimits) -> bool:
    """Hand over the task and wait for the end. Returns whether the process had to be ended for taking too long."""
    starting = threading.Timer(START_S, process.kill)
    starting.start()
    try:
        assert process.stdin is not None  # a pipe
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(task).encode("utf-8", "replace"))
            process.stdin.close()
        answer = ready.read().decode()  # ends when the process closes its end, before the program's first line
    finally:
        starting.cancel()
    if answer != "ready":
        process.kill()
        raise SandboxUnavailableError(
            f"programs cannot be run safely here: {answer.removeprefix('failed: ') or 'the sandbox did not start'}"
        )
    try:
        process.wait(limits.wall_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return True
    return False


def _ending(status: int, late: bool, errors: str) -> Ending:
    if late or status == -signal.SIGXCPU:
        return Ending.OUT_OF_TIME
    if status < 0:
        # At the hard limit of processor time the kernel kills.
        return Ending.OUT_OF_TIME if status == -signal.SIGKILL else Ending.KILLED
    if status == 0:
        return Ending.OK
    return Ending.OUT_OF_MEMORY if errors.rstrip().endswith("MemoryError") else Ending.FAILED


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read(OUTPUT_BYTES).decode("utf-8", "replace")
