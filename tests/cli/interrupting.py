"""Commands that wait for something which never comes, and signals that end the wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from tests.conftest import HUNG_S


def interrupted(arguments: Sequence[str], number: int, *, when: str, settings: dict[str, str]) -> tuple[int, str]:
    """Run a command, send it one signal when it has said `when`; return its exit status and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "prover", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"COLUMNS": "300"} | settings,
    )  # fmt: skip
    hung = threading.Timer(HUNG_S, process.kill)
    hung.start()
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if when in line:
                break
        assert when in said, said
        process.send_signal(number)
        said += process.stderr.read()
        return process.wait(), said
    finally:
        hung.cancel()
        process.kill()
        process.communicate()
