"""docker-compose.yml and the Dockerfiles, as far as they can be judged without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prover.cli.serve.workers import HAND_ON_S
from prover.settings import PREFIX, Settings, setting_names
from tests.conftest import ROOT

yaml: Any = pytest.importorskip("yaml")


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composed["services"]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "docker-compose.yml",
        "servers/workers/docker-compose.yml",
        *(str(p.relative_to(ROOT)) for p in ROOT.glob("servers/**/Dockerfile")),
    ],
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
    assert worker["healthcheck"]["test"][-1] == "/opt/healthy.py"
    assert "COPY --chown=prover servers/api/healthy.py /opt/healthy.py" in image


RUNS_UNTRUSTED_TEXT = (
    *("api", "worker", "isabelle", "isabelle-api", "isabelle-worker"),
    *("lean-native", "lean-native-api", "lean-native-worker"),
)


@pytest.mark.parametrize("name", RUNS_UNTRUSTED_TEXT)
def test_text_from_models_runs_without_a_way_out(composed: dict[str, Any], name: str) -> None:
    service, networks = composed["services"][name], composed["networks"]
    assert "ports" not in service
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["networks"]
    for network in service["networks"]:
        assert networks[network]["internal"]  # no way to the internet
        assert networks[network]["driver_opts"]["com.docker.network.bridge.inhibit_ipv4"] == "true"  # nor to the host


def test_no_worker_reaches_an_api_and_none_has_the_keys(services: dict[str, dict[str, Any]]) -> None:
    apis = [service for service in services.values() if service.get("command", [""])[0] == "serve"]
    others = [services[name] for name in RUNS_UNTRUSTED_TEXT if services[name] not in apis]
    reached = {network for service in apis for network in service["networks"]}
    assert len(apis) == 3
    for service in others:
        assert not reached & set(service["networks"])
        volumes = [volume.split(":") for volume in service.get("volumes", ())]
        assert all("keys" not in volume[0] for volume in volumes)
        assert all(volume[-1] == "ro" for volume in volumes if volume[1] == "/data")


def test_one_image_is_built_once(services: dict[str, dict[str, Any]]) -> None:
    ours = [name for name, service in services.items() if service.get("image") == "prover:local"]
    assert len(ours) > 1
    assert [name for name in ours if "build" in services[name]] == ["api"]


def test_every_setting_is_read_or_is_not_for_operators_of_containers(services: dict[str, dict[str, Any]]) -> None:
    """A name in `.env` that docker-compose.yml does not name would be ignored without a word."""
    read = {name.removeprefix(PREFIX).lower() for name in services["api"]["environment"]}
    read |= {name.removeprefix(PREFIX).lower() for name in services["worker"]["environment"]}
    inside = {"cache_dir", "environment", "log_format", "redis__cache_url", "redis__namespace"}
    inside |= {"redis__memory_mb", "serve__host", "serve__port", "serve__workers", "serve__data_dir", "serve__drain_s"}
    inside |= {"worker__drain_s", "worker__alive_file", "model__prompt_file", "model__log", "model__forbidden"}
    assistants = ("lean__", "leandojo__", "isabelle__", "remote__")
    assert {name for name in setting_names() if not name.startswith(assistants)} - read == inside


def test_example_of_variables_explains_all_of_them() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    read = {name for name in re.findall(r"\$\{(\w+)", text) if not name.startswith(PREFIX)}
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"(?m)^#([A-Z][A-Z_]*)=", example)) - {"PROVER_SERVE__MAX_TIMEOUT_S"} == read
    for name, default in re.findall(r"\$\{(\w+):-([^}]+)\}", text):
        assert f"#{name}={default}\n" in example or name == "MODEL_ADDRESS"
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_image_installs_lean_from_what_it_copies() -> None:
    """Only the modules that install it are in its layer, so that no other edit installs it again."""
    dockerfile = (ROOT / "servers" / "api" / "Dockerfile").read_text()
    layer = dockerfile[dockerfile.index("AS lean") : dockerfile.index("AS wheel")]
    program = "import runpy, sys; runpy.run_path('servers/api/install_lean.py', run_name='imported'); " + (
        "print(*(m.__file__ for n, m in sys.modules.items() if n.partition('.')[0] == 'prover'), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    needed = {str(Path(line).relative_to(ROOT)) for line in done.stdout.split()}
    assert needed == set(re.findall(r"\bprover/[\w/]+\.py", layer))


@pytest.mark.parametrize(
    "path",
    [*(str(p.relative_to(ROOT)) for p in ROOT.glob("servers/**/Dockerfile")), ".github/workflows/native-lean.yml"],
)
def test_what_is_downloaded_is_checked_before_it_runs(path: str) -> None:
    text = (ROOT / path).read_text().replace("\\\n", " ")
    assert not re.search(r"curl[^\n&]*\|", text)  # a pipe hides that it failed
    assert len(re.findall(r"\bcurl -", text)) == len(re.findall(r"sha256sum --check", text))


def test_everybody_hears_signals_and_has_the_time_to_end(services: dict[str, dict[str, Any]]) -> None:
    settings = Settings()
    needed_s = settings.worker.drain_s + HAND_ON_S
    for name, service in services.items():
        if "build" in service:
            assert service["init"], name  # a first process without handlers hears nothing
        if {"serve", "worker"} & set(service.get("command", ())):
            assert float(service["stop_grace_period"].removesuffix("s")) > needed_s, name
