"""The container's health: exit status 0 if the API answers, or, in a worker's container, if the worker reaches Redis.

A worker touches a file each time it has reported to Redis, so that asking costs next to nothing. Standard library only.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path

SILENT_S = 30.0
FIRST_PROCESS = Path("/proc/1/cmdline")


def api_answers(port: int) -> bool:
    """Does the API answer?"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def worker_reports(file: Path) -> bool:
    """Has the worker reached Redis a moment ago?"""
    try:
        return time.time() - file.stat().st_mtime < SILENT_S
    except OSError:
        return False


def main() -> None:
    """Ask whichever of the two the container was started for."""
    if b"worker" in FIRST_PROCESS.read_bytes().split(b"\0"):
        well = worker_reports(Path(os.environ.get("PROVER_WORKER__ALIVE_FILE", "/tmp/worker.alive")))
    else:
        well = api_answers(int(os.environ.get("PROVER_SERVE__PORT") or 8080))
    sys.exit(not well)


if __name__ == "__main__":
    main()
