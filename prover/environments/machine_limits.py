"""What this process may use of the machine: the limits of its container (Linux control groups), else the machine's.

Both versions of control groups are read. A limit of an outer group holds for the inner ones too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OF_THIS_PROCESS = Path("/proc/self/cgroup")
NO_LIMIT = 2**60
"""Version 1 writes a number near 2^63 where there is no limit."""
BUSY = 10
"""A busy machine may take so many times as long to read a text, where the processor's time is what is limited."""


@dataclass(frozen=True, slots=True)
class Share:
    """Memory in bytes and processor cores that this process may use. `limited`: memory has a limit of its own."""

    memory: int
    free: int
    cores: float
    limited: bool

    def room(self, size: float) -> int:
        """Return how many processes of so many bytes have a core each and find free memory; at least one."""
        return max(1, min(int(self.cores), int(self.free / size)))


def share() -> Share:
    """Return what this process may use, and how much memory of it is free."""
    import psutil  # here: proving one theorem asks for none of this

    system = psutil.virtual_memory()
    limits = [(limit, used) for limit, used in _limits() if limit < system.total]
    return Share(
        memory=min([system.total, *(limit for limit, _ in limits)]),
        free=min([system.available, *(limit - used for limit, used in limits)]),
        cores=min([float(psutil.cpu_count() or 1), *_affinity(), *_quotas()]),
        limited=bool(limits),
    )


def memory_kills() -> int:
    """Return how many processes the system has ended in our container because its memory was full."""
    found = 0
    for folder in _folders("memory"):
        for name in ("memory.events", "memory.oom_control"):
            found = max(found, _fields(folder / name).get("oom_kill", 0))
    return found


def _limits() -> Iterator[tuple[int, int]]:
    """Yield each limit of memory that holds for us, and how much of it is used."""
    for folder in _folders("memory"):
        limit = _number(folder / "memory.max") or _number(folder / "memory.limit_in_bytes")
        if limit and limit < NO_LIMIT:
            used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0
            fields = _fields(folder / "memory.stat")
            cached = fields.get("total_inactive_file", fields.get("inactive_file", 0))  # given back when it is needed
            yield limit, max(0, used - cached)


def _affinity() -> Iterator[float]:
    """Yield the number of cores that we may run on, where the system says so."""
    if hasattr(os, "sched_getaffinity"):
        yield float(len(os.sched_getaffinity(0)))


def _quotas() -> Iterator[float]:
    """Yield each limit of processor time that holds for us, in cores."""
    for folder in _folders("cpu"):
        with suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text().split()
            yield int(quota) / int(period)  # or the word `max`
        quota_us, period_us = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if quota_us and period_us and quota_us > 0:
            yield quota_us / period_us


def _folders(controller: str) -> Iterator[Path]:
    """Yield the folders of our control groups, inner ones first."""
    with suppress(OSError):
        for line in OF_THIS_PROCESS.read_text().splitlines():
            _, names, path = line.split(":", 2)
            if names and controller not in names.split(","):
                continue
            top = GROUPS / controller if names else GROUPS
            # A container sees its own group as the top, whatever path the process has outside.
            inner = top if ".." in path else top / path.strip("/")
            yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(top) and folder.is_dir())


def _number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text())
    return None


def _fields(file: Path) -> dict[str, int]:
    """Return the lines `NAME NUMBER` of a file."""
    with suppress(OSError, ValueError):
        return {name: int(value) for name, value in (line.split() for line in file.read_text().splitlines())}
    return {}
