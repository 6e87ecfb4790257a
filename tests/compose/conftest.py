"""The real services in containers, by a project name of their own; skipped with the reason where that cannot be.

Where no registry is reached, images under the same names stand in, see docs/how-to/operations.md.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

PROJECT = "prover-test"
IMAGES = ("python:3.12-slim-bookworm", "redis:7.4-alpine", "alpine/socat:1.8.0.0")
BUILD_S, START_S = 1800.0, 180.0


def _run(*command: str, timeout_s: float = 60.0, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )


def _compose() -> list[str]:
    """Return the command of Compose: the plugin, else the program."""
    if _run("docker", "compose", "version").returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("no Docker Compose: install docker-compose")


class Deployment:
    """What docker-compose.yml starts, and a client of its API."""

    def __init__(self, compose: list[str], port: int, **variables: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._compose = [*compose, "--project-name", PROJECT]
        self._variables = {"PORT": str(port)} | variables

    def compose(self, *arguments: str, timeout_s: float = START_S, check: bool = True) -> str:
        """Run Compose, and return what it prints."""
        done = _run(*self._compose, *arguments, timeout_s=timeout_s, **self._variables)
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def inside(self, service: str, program: str, *, timeout_s: float = 120.0) -> str:
        """Run a Python program in a service's container, and return what it prints."""
        return self.compose("exec", "-T", service, "python", "-c", program, timeout_s=timeout_s)

    def container(self, service: str) -> dict[str, Any]:
        """Return what Docker knows of a service's first container."""
        name = self.compose("ps", "-q", service).split()[0]
        found: dict[str, Any] = json.loads(_run("docker", "inspect", name).stdout)[0]
        return found

    def until_ready(self) -> None:
        """Wait until the API has a worker."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                found = httpx.get(f"{self.url}/readyz", timeout=10).json()["dependencies"]
                if found["workers"]["ok"] and found["redis"]["ok"]:
                    return
            except (httpx.HTTPError, ValueError, KeyError):
                pass
            time.sleep(1)
        pytest.fail(self.compose("logs", "--tail", "40", check=False)[-4000:])

    def batch(self, lines: list[dict[str, Any]], *, timeout_s: float = 600.0) -> dict[str, Any]:
        """Submit a batch, and return it when it has ended."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            answer = client.post("/v1/batches", json={"problems": lines})
            answer.raise_for_status()
            where = f"/v1/batches/{answer.json()['id']}"
            end = time.monotonic() + timeout_s
            while time.monotonic() < end:
                found: dict[str, Any] = client.get(where).json()
                if found["status"] == "completed":
                    return found
                time.sleep(1)
        pytest.fail(f"the batch did not end: {found}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """API, one worker, Redis, with a model that does not answer; built and started once."""
    if shutil.which("docker") is None:
        pytest.skip("no Docker: install docker.io")
    daemon = _run("docker", "version", "--format", "{{.Server.Version}}")
    if daemon.returncode:
        pytest.skip(f"no Docker daemon: {daemon.stderr.strip()[-200:]}")
    for image in IMAGES:
        if _run("docker", "image", "inspect", image).returncode and (
            _run("docker", "pull", image, timeout_s=BUILD_S).returncode
        ):
            pytest.skip(f"{image} is not here and cannot be pulled; what can stand in: docs/how-to/operations.md")
    found = Deployment(_compose(), _free_port(), MODEL_URL="http://nobody.invalid:8000", CONCURRENCY="")
    found.compose("build", timeout_s=BUILD_S)
    try:
        found.compose("up", "-d")
        found.until_ready()
        yield found
    finally:
        found.compose("down", "-v", "--timeout", "5", check=False)
