"""The limits of a container, as both versions of control groups tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.environments import machine_limits
from prover.environments.machine_limits import Share, memory_kills, share

GB = 10**9
SECOND = {
    "self": "0::/service/worker\n",
    "service/memory.max": f"{2 * GB}\n",
    "service/memory.events": "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n",
    "service/worker/memory.max": "max\n",
    "service/memory.current": f"{GB}\n",
    "service/memory.stat": f"anon 5\ninactive_file {GB // 2}\n",
    "service/worker/cpu.max": "50000 100000\n",
    "service/cpu.max": "max 100000\n",
}
CONTAINER_OF_SECOND = {
    "self": "0::/\n",
    "memory.max": f"{2 * GB}\n",
    "memory.events": "oom_kill 2\n",
    "memory.current": f"{GB}\n",
    "memory.stat": f"inactive_file {GB // 2}\n",
    "cpu.max": "50000 100000\n",
}
FIRST = {
    "self": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/docker/abc\n",  # the path outside of the container
    "memory/memory.limit_in_bytes": f"{2 * GB}\n",
    "memory/memory.usage_in_bytes": f"{GB}\n",
    "memory/memory.stat": f"inactive_file 1\ntotal_inactive_file {GB // 2}\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "cpu/cpu.cfs_quota_us": "50000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
}
NONE = {
    "self": "4:memory:/\n0::/\n",
    "memory/memory.limit_in_bytes": f"{2**63 - 4096}\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
    "cpu/cpu.cfs_quota_us": "-1\n",
    "cpu/cpu.cfs_period_us": "100000\n",
}


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    for name, text in request.param.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(machine_limits, "GROUPS", tmp_path)
    monkeypatch.setattr(machine_limits, "OF_THIS_PROCESS", tmp_path / "self")


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    "groups", [SECOND, CONTAINER_OF_SECOND, FIRST], ids=["nested", "container, version 2", "version 1"], indirect=True
)
def test_limits_of_the_container_hold() -> None:
    here = share()
    assert here.limited
    assert here.memory == 2 * GB
    assert here.free == 3 * GB // 2  # files in memory make room when it is needed
    assert here.cores == 0.5
    assert memory_kills() == 2


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize("groups", [NONE, {"self": ""}], ids=["no limit", "no groups"], indirect=True)
def test_without_limits_it_is_the_machine() -> None:
    here = share()
    assert not here.limited
    assert here.memory > here.free > 0
    assert here.cores >= 1
    assert memory_kills() == 0


@pytest.mark.parametrize(
    ("free", "cores", "room"),
    [(10 * GB, 4.0, 4), (3 * GB, 4.0, 3), (GB // 2, 4.0, 1), (10 * GB, 0.5, 1), (-GB, 8.0, 1), (9 * GB, 2.5, 2)],
)
def test_processes_have_a_core_and_memory_and_one_there_always_is(free: int, cores: float, room: int) -> None:
    assert Share(memory=16 * GB, free=free, cores=cores, limited=False).room(GB) == room
