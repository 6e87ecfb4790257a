"""The health of a container: of the API by its answer, of a worker by the file that it touches."""

from __future__ import annotations

import os
import runpy
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def healthy() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "servers" / "api" / "healthy.py"))


@pytest.fixture
def ended(healthy: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], object]:
    """Returns the exit status in a container whose first process has this command line."""

    def status(command: bytes) -> object:
        (tmp_path / "cmdline").write_bytes(command)
        main = healthy["main"]
        monkeypatch.setitem(main.__globals__, "FIRST_PROCESS", tmp_path / "cmdline")
        with pytest.raises(SystemExit) as raised:
            main()
        return raised.value.code

    return status


@pytest.fixture
def api() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_worker_is_well_while_it_reports(
    ended: Callable[[bytes], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alive"
    monkeypatch.setenv("PROVER_WORKER__ALIVE_FILE", str(file))
    command = b"/sbin/docker-init\0--\0prover\0worker\0"
    assert ended(command)
    file.touch()
    assert not ended(command)
    long_ago = time.time() - 3600
    os.utime(file, (long_ago, long_ago))
    assert ended(command)


def test_api_is_well_while_it_answers(
    ended: Callable[[bytes], object], api: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVER_SERVE__PORT", str(api))
    command = b"prover\0serve\0--workers\0000\0"
    assert not ended(command)
    monkeypatch.setenv("PROVER_SERVE__PORT", "9")
    assert ended(command)
