"""The example for Kubernetes: valid by its schemas, and the same service as docker-compose.yml has."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from prover.settings import PREFIX, Settings, setting_names
from tests.conftest import ROOT

yaml: Any = pytest.importorskip("yaml")
FILE = ROOT / "servers" / "kubernetes" / "prover.yaml"


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(FILE.read_text()))


def test_file_is_valid() -> None:
    pytest.importorskip("kubernetes_validate", reason="needs the extra deploy")
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_that_is_set_exists(objects: list[dict[str, Any]]) -> None:
    known = {PREFIX + name.upper() for name in setting_names()}
    given: set[str] = set()
    for found in objects:
        if found["kind"] == "ConfigMap":
            given |= set(found["data"])
        if found["kind"] == "Deployment":
            given |= {one["name"] for one in _container(found)["env"]}
    assert given <= known
    assert "PROVER_REDIS__SIGNING_KEY" in given  # pods share no folder in which one could lie


def test_pods_are_locked_down_and_have_the_time_to_end(objects: list[dict[str, Any]]) -> None:
    deployments = [found for found in objects if found["kind"] == "Deployment"]
    assert {found["metadata"]["name"] for found in deployments} == {"api", "worker"}
    for found in deployments:
        pod, container = found["spec"]["template"]["spec"], _container(found)
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        assert pod["terminationGracePeriodSeconds"] > Settings().worker.drain_s
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert container["resources"]["limits"]["memory"]
    (worker,) = (found for found in deployments if found["metadata"]["name"] == "worker")
    assert "/keys" not in {mount["mountPath"] for mount in _container(worker)["volumeMounts"]}


def _container(deployment: dict[str, Any]) -> dict[str, Any]:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = container
    return found
