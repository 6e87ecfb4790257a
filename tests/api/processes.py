"""Programs that use the API and are interrupted, and the processes that they have."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.conftest import HUNG_S, ROOT


@contextmanager
def program(code: str) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program whose output can be read; it is killed at the end, or if it hangs."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-X", "faulthandler", "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ,
    )  # fmt: skip
    hung = threading.Timer(HUNG_S, process.kill)
    hung.start()
    try:
        yield process
    finally:
        hung.cancel()
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a program prints."""
    assert process.stdout is not None
    text = process.stdout.readline().strip()
    assert text, process.stderr.read() if process.stderr else ""
    return text


def leans(pid: int | None = None) -> list[psutil.Process]:
    """Return the Lean processes of a program."""
    return [child for child in psutil.Process(pid).children(recursive=True) if _is_lean(child)]


def _is_lean(process: psutil.Process) -> bool:
    try:
        return "driver.mjs" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def gone(processes: list[psutil.Process]) -> bool:
    """Wait until they have ended."""
    return not psutil.wait_procs(processes, timeout=HUNG_S)[1]
