"""In containers as it is deployed: limits are seen, and a full memory is named."""

from __future__ import annotations

import json

import pytest

from tests.compose.conftest import Deployment

pytestmark = pytest.mark.compose


def test_doctor_shows_the_limits_of_the_container(deployment: Deployment) -> None:
    limit = deployment.container("worker")["HostConfig"]["Memory"]
    found = json.loads(deployment.compose("exec", "-T", "worker", "prover", "doctor", "--json", check=False))
    machine = next(finding for finding in found["findings"] if finding["name"] == "machine")
    assert f"of {limit / 1e9:.1f} GB" in machine["text"]
    assert "this container" in machine["text"]


def test_health_check_is_cheap_and_tells(deployment: Deployment) -> None:
    health = deployment.container("worker")["State"]["Health"]
    assert health["Status"] in {"healthy", "starting"}
    program = (
        "import resource, subprocess; subprocess.run(['python', '-IS', '/opt/healthy.py'], check=True); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    assert float(deployment.inside("worker", program)) < 0.5
