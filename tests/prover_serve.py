"""`prover serve` as a process of its own, with its Redis and its worker, for tests of what talks to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from tests.conftest import HUNG_S


def new_key(folder: Path) -> str:
    """Make an API key for a service over this folder, with the command that people use."""
    environment = os.environ | {"PROVER_SERVE__KEYS_FILE": str(folder / "keys.json")}
    command = [sys.executable, "-m", "prover", "key", "tests"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


class Serve:
    """The command, started over a folder; with a `key`, nobody else is let in. `settings`: of its worker."""

    def __init__(self, folder: Path, *, key: str | None = None, **settings: float) -> None:
        self.log = folder / "log"
        of_worker = {"lease_s": 2, "drain_s": 1, **settings}
        environment = os.environ | {f"PROVER_WORKER__{name.upper()}": str(value) for name, value in of_worker.items()}
        environment["PROVER_REDIS__REVERIFIED"] = "0"  # by chance, else
        headers = {}
        if key is not None:
            environment["PROVER_SERVE__KEYS_FILE"] = str(folder / "keys.json")
            headers["Authorization"] = f"Bearer {key}"
        with self.log.open("ab") as log:
            at = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "prover", "serve", "--port", "0", "--data-dir", str(folder / "data")],
                stderr=log,
                env=environment | {"COLUMNS": "300"},
            )
        self._from = at
        self.url = self.says(r"at (http://127\.0\.0\.1:\d+)")[1]
        self.client = httpx.Client(base_url=self.url, timeout=HUNG_S, headers=headers)
        wait_until(lambda: self.client.get("/readyz").json()["dependencies"]["workers"]["ok"], self.log)

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until the log of this start has it."""

        def found() -> re.Match[str] | None:
            text = self.log.read_text()[self._from :]
            match = re.search(pattern, text)
            assert match or self.process.poll() is None, text
            return match

        return wait_until(found, self.log)

    def job(self, job: dict[str, Any], *, wait_s: float = 0) -> dict[str, Any]:
        """Look at a job again."""
        found: dict[str, Any] = self.client.get(job["links"]["self"], params={"wait_s": wait_s}).json()
        return found

    def until_running(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait until a worker has the job and its search has begun."""
        with self.client.stream("GET", job["links"]["events"]) as stream:
            assert any(line == "event: expansion" for line in stream.iter_lines())
        return wait_until(lambda: found if (found := self.job(job))["status"] == "running" else None, self.log)

    def prove(self, theorem: str, *, wait_s: float = 60, **members: Any) -> dict[str, Any]:
        response = self.client.post("/v1/proofs", json={"theorem": theorem, **members}, params={"wait_s": wait_s})
        assert response.status_code in {200, 202}, response.text
        body: dict[str, Any] = response.json()
        return self.until_ended(body) if wait_s else body

    def until_ended(self, body: dict[str, Any]) -> dict[str, Any]:
        """Wait until a job or a batch has ended, however busy the machine is."""
        while body["status"] in {"queued", "running"}:
            body = self.client.get(body["links"]["self"], params={"wait_s": 60}).json()
        return body

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.client.close()
        family = self.family() if self.process.poll() is None else []
        self.process.send_signal(number)
        return self.ended(family)

    def ended(self, family: list[psutil.Process]) -> int:
        """Wait for the end of the service and of what it had started; return its exit status."""
        status = self.process.wait(timeout=HUNG_S)
        _, alive = psutil.wait_procs(family, timeout=HUNG_S)
        assert alive == []
        return status


T = TypeVar("T")


def wait_until(look: Callable[[], T | None], log: Path) -> T:
    """Look until there is something to see."""
    end = time.monotonic() + HUNG_S
    while not (found := look()):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return found
