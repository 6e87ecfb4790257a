"""`make` as somebody types it in the checkout, for tests."""

from __future__ import annotations

import os
import subprocess

from tests.conftest import ROOT

OURS = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "THEOREM", "VENV", "PYTHON", "PIP_FIND_LINKS"}
"""What the `make` that runs the tests may have left in the environment."""


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make` with these words and nothing else."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
