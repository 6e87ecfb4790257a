"""A service for one measurement: `prover serve` as a process with a fresh folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import httpx
import psutil

START_S = 120.0


class Service:
    """A context manager. `settings`: names without PROVER_ and their values."""

    def __init__(self, *, workers: int, settings: dict[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="prover-bench-")
        self._workers = workers
        self._settings = {f"PROVER_{name}": value for name, value in (settings or {}).items()}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def log(self) -> Path:
        """Its log."""
        return Path(self._folder.name) / "log"

    def __enter__(self) -> Service:
        arguments = ["serve", "--port", "0", "--workers", str(self._workers), "--data-dir", f"{self._folder.name}/data"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "prover", *arguments],
                stderr=log,
                env=os.environ | {"COLUMNS": "300"} | self._settings,
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            found = re.search(r"at (http://[\d.]+:\d+)", self.log.read_text())
            if found and self._ready(found[1]):
                self.url = found[1]
                return self
            time.sleep(0.1)
        raise RuntimeError(f"prover serve did not start:\n{self.log.read_text()}")

    def _ready(self, url: str) -> bool:
        try:
            dependencies = httpx.get(f"{url}/readyz", timeout=5).json()["dependencies"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        return bool(self._workers == 0 or dependencies["workers"]["detail"].startswith(str(self._workers)))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        assert self._process is not None  # started
        self._process.terminate()
        self._process.wait(timeout=90)
        self._folder.cleanup()

    @property
    def worker_processes(self) -> list[psutil.Process]:
        """The running worker processes."""
        assert self._process is not None  # started
        return [child for child in psutil.Process(self._process.pid).children() if "worker" in child.cmdline()]

    def memory_mb(self) -> dict[str, float]:
        """Current resident memory of the API, Redis, workers, and their Lean processes."""
        assert self._process is not None  # started
        api = psutil.Process(self._process.pid)
        sums = {"API": api.memory_info().rss / 1e6, "Redis": 0.0, "workers": 0.0, "Lean": 0.0}
        for child in api.children(recursive=True):
            try:
                name = "Redis" if "redis" in child.name() else "Lean" if "node" in child.name() else "workers"
                sums[name] += child.memory_info().rss / 1e6
            except psutil.Error:  # it has just ended
                continue
        return sums


def metric(url: str, name: str) -> float:
    """Return the value of one line of /metrics, 0 if it is not there."""
    text = httpx.get(f"{url}/metrics", timeout=30).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0
