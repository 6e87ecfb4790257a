"""servers/vllm/serve.sh while it installs: whoever stops it stops that too."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.conftest import HUNG_S, ROOT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_while_something_is_installed_ends_that(number: int, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho $$ installs\nexec sleep 86400\n")
    python.chmod(0o755)
    settings = {"PYTHON": str(python), "DEVICE": "cpu", "VENV": str(tmp_path / "venv")}
    with subprocess.Popen(
        [str(ROOT / "servers" / "vllm" / "serve.sh")],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as script:
        assert script.stdout is not None
        installing = psutil.Process(int(script.stdout.readline().split()[0]))
        script.send_signal(number)
        assert script.wait(timeout=HUNG_S) == 130
        psutil.wait_procs([installing], timeout=HUNG_S)
        assert not installing.is_running() or installing.status() == psutil.STATUS_ZOMBIE
