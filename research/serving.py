"""A model on a real vLLM, for as long as it is needed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

SERVE = Path(__file__).parents[1] / "servers" / "vllm" / "serve.sh"
READY_S = 900.0  # a loaded machine needs minutes; the first time, vLLM is installed


class NotServedError(Exception):
    """The server ended, or did not get ready."""


@contextmanager
def served(model: Path, log: Path, *, context: int) -> Iterator[str]:
    """Serve a model on the CPU with `servers/vllm/serve.sh`, and give its URL. Raises NotServedError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"MODEL": str(model), "PORT": str(port), "DEVICE": "cpu", "MAX_LENGTH": str(context)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [SERVE, "--enforce-eager"],
            env=os.environ | {"KV_CACHE_GB": "1"} | settings,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        yield url
    finally:
        _stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotServedError(f"vLLM ended, see {log}:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise NotServedError(f"vLLM is not ready after {READY_S:.0f} s, see {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
    process.wait(timeout=30)
