"""docker-compose.yml and the Dockerfiles, as far as they can be judged without Docker."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prover.cli.serve.workers import HAND_ON_S
from prover.settings import PREFIX, Settings, setting_names
from tests.conftest import ROOT

yaml: Any = pytest.importorskip("yaml")
OUTSIDE = {"outer", "default"}
"""Networks with a way out."""


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


@pytest.mark.parametrize(
    "path", ["docker-compose.yml", *(str(p.relative_to(ROOT)) for p in ROOT.glob("servers/**/Dockerfile"))]
)
def test_every_setting_that_is_set_exists(path: str) -> None:
    known = {PREFIX + name.upper() for name in setting_names()}
    assert set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b", (ROOT / path).read_text())) <= known


@pytest.mark.parametrize(("profile", "environment"), [("lean-native", "lean-project"), ("isabelle", "isabelle")])
def test_profile_has_an_api_and_a_worker_of_its_own(
    services: dict[str, dict[str, Any]], profile: str, environment: str
) -> None:
    ours = {name: service for name, service in services.items() if profile in service.get("profiles", [])}
    api, worker = ours[f"{profile}-api"], ours[f"{profile}-worker"]
    assert (api["command"][0], worker["command"][0]) == ("serve", "worker")
    spaces = {service["environment"]["PROVER_REDIS__NAMESPACE"] for service in (api, worker)}
    assert spaces == {profile}  # jobs of another assistant's workers are in another
    chosen = {service["environment"].get("PROVER_ENVIRONMENT") for service in (api, worker)}
    image = (ROOT / "servers" / "lean" / "native" / "Dockerfile").read_text()
    assert chosen == {environment} or (chosen == {None} and f"PROVER_ENVIRONMENT={environment}" in image)
    assert worker["healthcheck"]["test"] == ["CMD", "prover", "worker", "--healthy"]


def test_text_from_models_runs_without_a_way_out(services: dict[str, dict[str, Any]]) -> None:
    for name in ("worker", "isabelle", "isabelle-worker", "lean-native", "lean-native-api", "lean-native-worker"):
        service = services[name]
        assert not OUTSIDE & set(service["networks"]), name
        assert "ports" not in service
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_everybody_hears_signals_and_has_the_time_to_end(services: dict[str, dict[str, Any]]) -> None:
    settings = Settings()
    needed_s = settings.worker.drain_s + HAND_ON_S
    for name, service in services.items():
        if "build" in service:
            assert service["init"], name  # a first process without handlers hears nothing
        if {"serve", "worker"} & set(service.get("command", ())):
            assert float(service["stop_grace_period"].removesuffix("s")) > needed_s, name
