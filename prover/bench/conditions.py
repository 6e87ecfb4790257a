"""The conditions of a measurement: the machine, versions, commit."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from prover._version import __version__
from prover.environments.lean_wasm.install import LEAN_VERSION, PACKAGE, PACKAGE_VERSION, node_program

ROOT = Path(__file__).parents[2]


def run_conditions() -> dict[str, object]:
    """Return the conditions of a command that starts now, with the time and the command line."""
    return {
        "versions": versions(),
        "hardware": hardware(),
        "commit": commit(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["prover", *sys.argv[1:]]),
    }


def versions() -> dict[str, str]:
    """Return the versions of everything that a figure depends on."""
    node = subprocess.run([str(node_program()), "--version"], capture_output=True, text=True, check=True)
    return {
        "prover": __version__,
        "Lean": f"{LEAN_VERSION} ({PACKAGE} {PACKAGE_VERSION})",
        "Node": node.stdout.strip(),
        "Python": platform.python_version(),
    }


def hardware() -> dict[str, object]:
    """Return the machine; taken before a run, its load shows whether the run was alone."""
    return {
        "cpu": _cpu_model(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": round(psutil.getloadavg()[0], 1),
    }


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()


def commit() -> str:
    """Return the commit of the working tree, with `+` if files differ from it; `unknown` outside git."""

    def git(*arguments: str) -> str:
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
        return result.stdout.strip()

    try:
        # Results of this run may lie in the working tree already; they change no figure.
        changed = git("status", "--porcelain", "--", ".", ":!benchmarks/results")
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
