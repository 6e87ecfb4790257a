"""From inside a container that runs text from models: what can be reached, read and written."""

from __future__ import annotations

import json
import socket
import threading

import psutil
import pytest

from tests.compose.conftest import Deployment

pytestmark = pytest.mark.compose

ATTEMPTS = """
import ipaddress, json, socket
from pathlib import Path

def reaches(host, port):
    try:
        with socket.create_connection((host, port), timeout=3):
            return True
    except OSError:
        return False

own = socket.gethostbyname(socket.gethostname())
gateways = {str(ipaddress.ip_network(f"{own}/{bits}", strict=False).network_address + 1) for bits in (16, 20, 24)}
print(json.dumps({
    "redis": reaches("redis", 6379),
    "out": [where for where in TARGETS if reaches(*where)],
    "host": [(host, port) for host in (*gateways, *HOST) for port in PORTS if reaches(host, port)],
    "secrets": [str(path) for path in Path("/").glob("*/keys.json") if path.exists()],
    "written": [folder for folder in ("/data", "/keys", "/opt", "/etc", "/usr/local") if writes(folder)],
}))
"""
WRITES = """
def writes(folder):
    from pathlib import Path
    try:
        Path(folder, "written").touch()
        return True
    except OSError:
        return False
"""
OUTSIDE = [("1.1.1.1", 443), ("8.8.8.8", 53), ("example.com", 443)]


def _tried(deployment: Deployment, service: str, targets: list[tuple[str, int]], ports: list[int]) -> dict[str, object]:
    host = sorted(
        {
            a.address
            for own in psutil.net_if_addrs().values()
            for a in own
            if a.family is socket.AF_INET and not a.address.startswith("127.")
        }
    )
    program = f"TARGETS = {targets!r}\nPORTS = {ports!r}\nHOST = {host!r}\n{WRITES}{ATTEMPTS}"
    found: dict[str, object] = json.loads(deployment.inside(service, program))
    return found


@pytest.mark.parametrize("service", ["worker", "api"])
def test_nothing_but_redis_is_reached(deployment: Deployment, service: str) -> None:
    """The host listens on all its addresses meanwhile, as a careless service of it would."""
    with socket.create_server(("0.0.0.0", 0)) as careless:
        port = careless.getsockname()[1]
        threading.Thread(target=_accept, args=(careless,), daemon=True).start()
        api_port = int(deployment.url.rpartition(":")[2])
        names = ["worker", "api", "gate"]
        others = [(name, 8080) for name in names if name != service and (service, name) != ("api", "gate")]
        addresses = [(address, 8080) for address in _addresses(deployment, "api") if service != "api"]
        found = _tried(deployment, service, [*OUTSIDE, *others, *addresses], [port, api_port])
    assert found["redis"], "the test would show nothing if it could not connect at all"
    assert found["out"] == []
    assert found["host"] == []


def test_worker_writes_nothing_and_sees_no_keys(deployment: Deployment) -> None:
    deployment.compose("run", "--rm", "key", "tester", "--replace")
    found = _tried(deployment, "worker", [], [])
    assert found["secrets"] == []
    assert found["written"] == []
    api = _tried(deployment, "api", [], [])
    assert api["secrets"] == ["/keys/keys.json"]
    assert api["written"] == ["/data"]


def test_everyone_is_locked_down(deployment: Deployment) -> None:
    for service in ("api", "worker", "gate", "redis"):
        found = deployment.container(service)["HostConfig"]
        assert found["ReadonlyRootfs"], service
        assert found["CapDrop"] == ["ALL"], service
        assert "no-new-privileges:true" in found["SecurityOpt"], service
        assert found["Memory"] > 0, service
        assert found["LogConfig"]["Config"]["max-size"], service


def _addresses(deployment: Deployment, service: str) -> list[str]:
    networks = deployment.container(service)["NetworkSettings"]["Networks"]
    return [network["IPAddress"] for network in networks.values()]


def _accept(careless: socket.socket) -> None:
    while True:
        try:
            careless.accept()[0].close()
        except OSError:
            return
