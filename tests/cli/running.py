"""Commands that run while a test looks at them."""

from __future__ import annotations

import subprocess
import time

import psutil

from tests.conftest import HUNG_S


def wait_for_lean(process: subprocess.Popen[str]) -> None:
    """Wait until a command has started Lean: from then on it handles signals and works."""
    end = time.monotonic() + HUNG_S
    while not psutil.Process(process.pid).children():
        assert time.monotonic() < end, "no Lean was started"
        time.sleep(0.1)
