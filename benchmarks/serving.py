"""A service for one measurement: `prover serve` as a process with a fresh folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import httpx
import psutil

START_S = 120.0


class Service:
    """A context manager. `settings`: names without PROVER_ and their values; `folder`: of one that was here before."""

    def __init__(self, *, workers: int, settings: dict[str, str] | None = None, folder: Path | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="prover-bench-")
        self._folder = folder or Path(self._temporary.name)
        self._workers = workers
        self._settings = {f"PROVER_{name}": value for name, value in (settings or {}).items()}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def log(self) -> Path:
        """Its log."""
        return self._folder / "log"

    def __enter__(self) -> Service:
        arguments = ["serve", "--port", "0", "--workers", str(self._workers), "--data-dir", f"{self._folder}/data"]
        self.log.unlink(missing_ok=True)  # of the service before
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
        self._temporary.cleanup()

    def kill(self) -> None:
        """End everything at once, as a power cut does: API, Redis, workers, Lean."""
        assert self._process is not None  # started
        for process in [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(timeout=90)

    def processor_s(self) -> float:
        """Return the processor's time that all processes have taken, with those that have ended."""
        assert self._process is not None  # started
        total, api = 0.0, psutil.Process(self._process.pid)
        for process in [api, *api.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

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
