"""`prover serve` as a process, on whatever proof assistant it is told."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.conftest import HUNG_S


@asynccontextmanager
async def served(folder: Path, *options: str, settings: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the service, whose files are in the folder."""
    log = folder / "log"
    process = _started(folder, log, options, settings)
    try:
        async with httpx.AsyncClient(base_url=await _address(process, log), timeout=HUNG_S) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, HUNG_S)


def _started(folder: Path, log: Path, options: tuple[str, ...], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "prover", "serve", "--port", "0", "--data-dir", str(folder / "data"), *options],
            stderr=file,
            env={**settings, "COLUMNS": "300"},
        )


async def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(6000):
        if found := re.search(r"at (http://127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        assert process.poll() is None, log.read_text()
        await asyncio.sleep(0.05)
    raise AssertionError(log.read_text())
