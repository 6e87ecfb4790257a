"""What the tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from prover.assembly.environments import lean_environment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.machine_limits import share
from prover.settings import Settings

ROOT = Path(__file__).parent.parent
WORKER_BYTES = 4e9  # at most, as measured
HUNG_S = 300.0
"""Only a program that hangs takes longer, however busy the machine is."""

# Whoever started the tests may ignore these signals (`nohup`, a job in the background); what the tests start must not.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The Lean of a service stands back for all else, and other tests run beside; few have a use for one that starts ahead.
os.environ |= {"PROVER_WORKER__NICE": "0", "PROVER_WORKER__WARM": "false"}

# How long an example takes is for benchmarks to say. In CI a commit gets one answer: examples are the same each time.
settings.register_profile("prover", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("prover")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many workers as have a core and memory: several Leans are alive in each."""
    return share().room(WORKER_BYTES)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is observed as the new expectation")


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The embedded Lean of this user; `make test` installs it."""
    found = Installation.in_cache(Settings().cache_dir)
    found.require()
    return found


@pytest.fixture(scope="session")
async def lean(installation: Installation) -> AsyncIterator[LeanWasmEnvironment]:
    """One environment for many tests."""
    environment = lean_environment(Settings())
    yield environment
    await environment.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party problem sets and recorded data, which are not part of the repository."""
    folder = Path(os.environ.get("PROVER_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder} (set PROVER_SHARED_DATA)")
    return folder


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process environment without PROVER_* names."""
    for name in [name for name in os.environ if name.startswith("PROVER_")]:
        monkeypatch.delenv(name)
    return monkeypatch
