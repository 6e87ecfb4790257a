"""Stopping and starting `prover serve`: real signals, real Lean, jobs that last longer than anybody waits."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from prover.environments.lean_wasm.install import Installation
from tests.conftest import HUNG_S
from tests.e2e.test_serve import ENDLESS
from tests.prover_serve import Serve

pytestmark = pytest.mark.usefixtures("installation")
LONG = "have : Nat.gcd (3 ^ 200000) (7 ^ 200000) = 1 := by decide +kernel"
"""Takes a moment and then ends."""
FOR_EVER = 3600.0


@pytest.fixture
def folder(tmp_path: Path, installation: Installation) -> Path:
    assert installation.manifest.exists()
    return tmp_path


def submit(serve: Serve, tactic: str) -> dict[str, Any]:
    budget = {"timeout_s": 3600, "tactic_timeout_s": 3600}
    job = serve.prove("theorem t : 1 = 1", policy=f"scripted:{tactic};;rfl", budget=budget, wait_s=0, cache="ignore")
    return serve.until_running(job)


def everybody(serve: Serve, number: int) -> list[psutil.Process]:
    """Signal the service and all that it has started, as a terminal or a supervisor does."""
    family = serve.family()
    for process in [psutil.Process(serve.process.pid), *family]:
        process.send_signal(number)
    return family


def service_alone(serve: Serve, number: int) -> list[psutil.Process]:
    family = serve.family()
    serve.process.send_signal(number)
    return family


def workers_too(serve: Serve, number: int) -> list[psutil.Process]:
    """Signal the service and its workers several times over, with others' copies in between."""
    family = serve.family()
    workers = [process for process in family if "worker" in process.cmdline()]
    assert workers
    for process in (*workers, psutil.Process(serve.process.pid), *workers):
        process.send_signal(number)
    return family


def test_restarts_cost_a_job_none_of_its_attempts(folder: Path) -> None:
    """However the service is told: alone, along with its workers, or along with Redis and Lean."""
    serve = Serve(folder, lease_s=FOR_EVER)
    job = submit(serve, ENDLESS)
    for send, number in (
        (service_alone, signal.SIGTERM),
        (workers_too, signal.SIGINT),
        (everybody, signal.SIGTERM),
        (workers_too, signal.SIGHUP),
    ):
        assert serve.until_running(job)["attempt"] == 1
        serve.client.close()
        assert serve.ended(send(serve, number)) == 0
        serve = Serve(folder, lease_s=FOR_EVER)
    assert serve.until_running(job)["attempt"] == 1
    cancelled = serve.client.delete(job["links"]["self"], params={"wait_s": 60}).json()
    assert (cancelled["status"], cancelled["attempt"]) == ("cancelled", 1)
    assert serve.end() == 0


def test_what_runs_is_finished_whoever_else_passes_the_signal_on(folder: Path) -> None:
    serve = Serve(folder, lease_s=FOR_EVER, drain_s=FOR_EVER)
    job = submit(serve, LONG)
    serve.client.close()
    assert serve.ended(workers_too(serve, signal.SIGTERM)) == 0
    again = Serve(folder)
    found = again.job(job)
    assert (found["status"], found["proved"], found["attempt"]) == ("completed", True, 1)
    assert again.end() == 0


def test_second_signal_does_not_wait_and_hands_the_job_on(folder: Path) -> None:
    serve = Serve(folder, lease_s=FOR_EVER, drain_s=FOR_EVER)
    job = submit(serve, ENDLESS)
    serve.client.close()
    family = service_alone(serve, signal.SIGINT)
    serve.says("worker .* drains, jobs under way: 1")
    insist(serve, signal.SIGINT)
    assert serve.ended(family) == 0
    again = Serve(folder)
    assert again.until_running(job)["attempt"] == 1
    assert again.end() == 0


def insist(serve: Serve, number: int) -> None:
    """Send the signal until the log says that it was taken for a second one."""
    end = time.monotonic() + HUNG_S
    while "told again: workers" not in serve.log.read_text() and serve.process.poll() is None:
        assert time.monotonic() < end, serve.log.read_text()
        serve.process.send_signal(number)
        time.sleep(0.6)


def test_nothing_is_left_of_a_killed_service(folder: Path) -> None:
    serve = Serve(folder, lease_s=FOR_EVER, drain_s=FOR_EVER)
    job = submit(serve, ENDLESS)
    assert len(serve.family()) >= 3  # Redis, a worker, its Lean
    assert serve.end(signal.SIGKILL) == -signal.SIGKILL
    again = Serve(folder, lease_s=FOR_EVER)
    assert again.job(job)["status"] in {"queued", "running"}
    assert again.end() == 0


def test_nothing_is_left_of_a_killed_worker(folder: Path) -> None:
    serve = Serve(folder)
    submit(serve, ENDLESS)
    (worker,) = [process for process in serve.family() if "worker" in process.cmdline()]
    its_own = worker.children(recursive=True)
    assert its_own
    worker.kill()
    _, alive = psutil.wait_procs(its_own, timeout=HUNG_S)
    assert alive == []
    assert serve.end() == 0
