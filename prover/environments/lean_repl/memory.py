"""How much memory the processes of a project may take together: that of the machine, or of the container."""

from __future__ import annotations

from pathlib import Path

import psutil

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
RESERVED = 0.25
"""The part of the memory that is left to the compiled libraries, which all processes share, and to everything else."""
LEAST_MB = 512.0


def memory_mb(limits: tuple[Path, ...] = CGROUP_LIMITS) -> float:
    """Return the memory of this machine, or the smaller limit of the container."""
    found = [psutil.virtual_memory().total]
    for place in limits:
        try:
            found.append(int(place.read_text()))
        except (OSError, ValueError):  # not there, or `max`
            continue
    return min(found) / 2**20


def growth_within(memory: float, sessions: int, wanted_mb: float) -> float:
    """Return by how much a process may grow so that all of them, at their worst, stay within the memory (in MB).

    A single tactic may take twice the growth after which a process is replaced.
    """
    share = memory * (1 - RESERVED) / (2 * sessions)
    return min(wanted_mb, max(LEAST_MB, share))
