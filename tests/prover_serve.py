"""`prover serve` as a process of its own, with its Redis and its worker, for tests of what talks to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil


def new_key(folder: Path) -> str:
    """Make an API key for a service over this folder, with the command that people use."""
    environment = os.environ | {"PROVER_SERVE__KEYS_FILE": str(folder / "keys.json")}
    command = [sys.executable, "-m", "prover", "key", "tests"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


class Serve:
    """The command, started over a folder; with a `key`, nobody else is let in."""

    def __init__(self, folder: Path, *, key: str | None = None) -> None:
        self.log = folder / "log"
        environment = os.environ | {"PROVER_WORKER__LEASE_S": "2", "PROVER_WORKER__DRAIN_S": "1"}
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
        for _ in range(600):
            found = re.search(r"at (http://127\.0\.0\.1:\d+)", self.log.read_text()[at:])
            if found:
                break
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        assert found, self.log.read_text()
        self.url = found[1]
        self.client = httpx.Client(base_url=self.url, timeout=90, headers=headers)
        for _ in range(600):
            try:
                if self.client.get("/readyz").json()["dependencies"]["workers"]["ok"]:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)

    def prove(self, theorem: str, *, wait_s: float = 60, **members: Any) -> dict[str, Any]:
        response = self.client.post("/v1/proofs", json={"theorem": theorem, **members}, params={"wait_s": wait_s})
        assert response.status_code in {200, 202}, response.text
        body: dict[str, Any] = response.json()
        for _ in range(3):  # on a busy machine
            if not wait_s or body["status"] not in {"queued", "running"}:
                break
            body = self.client.get(body["links"]["self"], params={"wait_s": wait_s}).json()
        return body

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.client.close()
        family = self.family() if self.process.poll() is None else []
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert alive == []
        return status
