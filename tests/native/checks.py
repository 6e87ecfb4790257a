"""The ten checks. Each returns a line for the table, or raises AssertionError, or NotRunError with why."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil

from prover.assembly.native_lean import lean_project_environment
from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.process import private_bytes
from prover.environments.lean_repl.tools import LakeTools
from prover.proving.verify import verify
from prover.settings import LeanSettings, Settings
from tests.native.place import NotRunError, Place, size_mb

Check = Callable[[Place], Awaitable[str]]
MOST_GROWTH_MB = 8192.0


async def set_up(place: Place) -> str:
    """Projects without default targets, with a broken file, without a manifest."""
    plain = await place.ready()
    broken = place.project(
        "broken", 'name = "broken"\ndefaultTargets = ["Mine", "Broken"]\n\n[[lean_lib]]\nname = "Mine"\n\n'
        '[[lean_lib]]\nname = "Broken"\n', Broken="theorem b : no_such_name := rfl\n",
    )  # fmt: skip
    said = await place.prover("setup", "--lean-project", broken)
    assert "Broken" in next(line for line in said.splitlines() if line.startswith("warning:"))
    for project in (plain, broken):
        await place.prover("prove", "theorem t (a b : Nat) : a + b = b + a", project=project)
    manifest = (plain / "lake-manifest.json").exists()
    return f"three projects; the broken module is named; manifest {'written' if manifest else 'not needed'}"


async def mathlib(place: Place) -> str:
    """`setup --mathlib` interrupted, again, and a third time; time and disk."""
    if not place.mathlib:
        raise NotRunError("it takes 9 to 12 GB and a network: leave out --no-mathlib, or get a lake")
    command = [sys.executable, "-m", "prover", "setup", "--mathlib", place.toolchain]
    process = await asyncio.create_subprocess_exec(*command, env=place.variables, start_new_session=True)
    try:
        await asyncio.wait_for(process.wait(), 60)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGINT)
        await process.wait()
    started = time.monotonic()
    await place.prover(*command[3:], limit_s=7200)
    first_s, started = time.monotonic() - started, time.monotonic()
    await place.prover(*command[3:])
    again_s = time.monotonic() - started
    folder = Settings().cache_dir / "mathlib" / place.toolchain
    place.projects["mathlib"] = folder
    return f"{first_s:.0f} s after an interruption, {again_s:.0f} s again, {await size_mb(folder):,.0f} MB (du)"


async def pattern_matching(place: Place) -> str:
    """A statement whose command defines an auxiliary constant."""
    statement = "theorem t (n : Nat) : (match n with | 0 => 0 | k + 1 => k + 1) = n"
    record = await place.json("prove", statement, project=await place.ready())
    source = _proof(record)
    return f"proved by {source.partition(':= by')[2].strip()!r}"


async def opened_notation(place: Place) -> str:
    """`open X in` before the theorem, whose notation the proof needs."""
    if project := place.projects.get("mathlib"):
        statement, tactic = (
            "import Mathlib\n\nopen Real in\ntheorem t : 0 < π",
            "have h : 0 < π := Real.pi_pos\nexact h",
        )
    else:
        project = await place.ready()
        statement = 'namespace N\nscoped notation "two!" => (2 : Nat)\nend N\n\nopen N in\ntheorem t : two! + two! = 4'
        tactic = "have h : two! = 2 := rfl\nrfl"
    record = await place.json("prove", statement, "--policy", f"scripted:{tactic}", project=project)
    assert _proof(record)
    return "the tactic's own notation is parsed"


async def heartbeats(place: Place) -> str:
    """A proof that is longer than Lean's limit for a declaration, but none of its tactics."""
    steps = [*(f"have h{i} : a + b + {i} = c + {i} := by omega" for i in range(12)), "omega"]
    statement = "set_option maxHeartbeats 1500 in\ntheorem t (a b c : Nat) (h : a + b = c) : c = b + a"
    environment = _environment(place, await place.ready())
    try:
        found = await verify(Theorem.from_text(statement), steps, environment, timeout_s=600)
    finally:
        await environment.close()
    assert found.accepted, found.reason
    limits = re.findall(r"maxHeartbeats (\d+)", found.source or "")
    return f"{len(steps)} tactics, verified under maxHeartbeats {' and '.join(limits)}"


async def filling(place: Place) -> str:
    """Names with primes, spaces, namespaces; private theorems."""
    project = await place.ready()
    names = ("foo'", "«a b»", "N.inner'", "hidden")
    file = project / "Draft.lean"
    file.write_text(
        "theorem foo' (a b : Nat) : a + b = b + a := by\n  sorry\n\ntheorem «a b» : 1 + 1 = 2 := by\n  sorry\n\n"
        "namespace N\ntheorem inner' (p q : Prop) (h : p ∧ q) : q := by\n  sorry\nend N\n\n"
        "private theorem hidden (n : Nat) : n + 0 = n := by\n  sorry\n"
    )
    said = await place.prover("fill", file, project=project)
    assert "sorry" not in file.read_text(), said
    return f"{len(names)} of {len(names)}: {', '.join(names)}"


async def tiers(place: Place) -> str:
    """B and C: an honest proof, a cheat, tools that are missing, and root."""
    project = await place.ready()
    lake = place.settings.get("PROVER_LEAN__LAKE", "lake")
    honest = "theorem t : 1 = 1 := by\n  rfl\n"
    target, cheat = "theorem t : 1 = 1 := by\n  sorry\n", "theorem t : 2 = 2 := by\n  rfl\n"
    tools = LakeTools(project, lake=lake, programs=place.programs)
    nothing = LakeTools(project, lake=lake, comparator="no-such-comparator", programs=place.programs)
    without = await nothing.check(target, honest, "t", timeout_s=600)
    assert without.reason is None, without
    found = await tools.check(target, honest, "t", timeout_s=600)
    assert found.reason is None, found
    caught = await tools.check(target, cheat, "t", timeout_s=600)
    if found.tier != "A":
        assert caught.reason is not None, "a proof of something else passes tier B"
    root = "root" if os.geteuid() == 0 else "no root"
    told = "; ".join(found.skipped) or "nothing skipped"
    return f"tier {found.tier} as {root}, the cheat {'rejected' if caught.reason else 'not looked at'}; {told}"


async def memory(place: Place) -> str:
    """Growth over many tactics, by private memory."""
    project = place.projects.get("mathlib")
    imports = "import Mathlib\n\n" if project else ""
    count = 60 if place.stand_in or place.quick else 500
    environment = _environment(place, project or await place.ready())
    tactics = ["nlinarith [sq_nonneg (a - b)]", "norm_num", "simp", "omega", "ring_nf", "positivity"]
    peak = 0.0
    try:
        theorem = Theorem.from_text(f"{imports}theorem t (a b : Nat) (h : a < b) : a * a + 7 ≠ b + 1")
        async with environment.open(theorem, timeout_s=600) as session:
            for i in range(count):
                await session.apply(session.initial, [tactics[i % len(tactics)]], timeout_s=60)
                peak = max(peak, _private_mb())
    finally:
        await environment.close()
    assert peak < MOST_GROWTH_MB * 2, f"{peak:,.0f} MB"
    return f"{count} tactics{' of Mathlib' if project else ''}: {peak:,.0f} MB private at most, all processes together"


async def container(place: Place) -> str:
    """No network, a read-only system."""
    statement = "theorem t (a b : Nat) : a + b = b + a"
    if shutil.which("docker") and not place.stand_in:
        image = await place.run(("docker", "image", "inspect", "prover-native:local"))
        if image.status != 0:
            raise NotRunError("there is no image: docker compose --profile lean-native build lean-native")
        command = ("docker", "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp:size=1g", "--cap-drop",
                   "ALL", "prover-native:local", "prove", statement)  # fmt: skip
        run = await place.run(command)
        assert run.status == 0, run.output[-1500:]
        return "docker, no network, read-only: proved"
    if (await place.run(("unshare", "-rn", "true"))).status != 0:
        raise NotRunError("neither docker nor unshare")
    project = await place.ready()
    where = ("--environment", "lean-project", "--project", str(project))
    run = await place.run(("unshare", "-rn", sys.executable, "-m", "prover", "prove", statement, *where))
    assert run.status == 0, run.output[-1500:]
    return "no docker: proved in a namespace without network"


async def problems(place: Place) -> str:
    """A sample with closers alone."""
    output = place.folder / "runs"
    if project := place.projects.get("mathlib"):
        wanted, sample = "minif2f:test", "20"
    else:
        project, wanted, sample = await place.ready(), "core", "3"
    options = ("--sample", sample, "--canaries", "1", "--policy", "closers", "--timeout", "60", "--output", str(output))
    await place.prover("bench", wanted, *options, project=project, limit_s=7200)
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    true = [row for row in rows if not row.get("canary")]
    proved = sum(_accepted(row) for row in true)
    assert proved or place.stand_in, f"none of {len(true)} is proved"
    return f"{wanted}: {proved} of {len(true)} proved"


CHECKS: dict[str, Check] = {
    "set-up": set_up,
    "--mathlib": mathlib,
    "pattern matching": pattern_matching,
    "open ... in": opened_notation,
    "heartbeats": heartbeats,
    "fill": filling,
    "tiers B and C": tiers,
    "memory": memory,
    "container": container,
    "miniF2F": problems,
}


def _accepted(record: dict[str, Any]) -> bool:
    return bool((record.get("verification") or {}).get("accepted"))


def _proof(record: dict[str, Any]) -> str:
    """Return the verified text of a record."""
    assert _accepted(record), json.dumps(record.get("verification") or record.get("search"))
    return str(record["verification"]["source"])


def _environment(place: Place, project: Path) -> LeanProjectEnvironment:
    prefix = "PROVER_LEAN__"
    given = {name.removeprefix(prefix).lower(): v for name, v in place.settings.items() if name.startswith(prefix)}
    settings = Settings(lean=LeanSettings(project=project, **given))
    return lean_project_environment(settings.lean, settings.cache_dir)


def _private_mb() -> float:
    """Private memory of all processes that we started, in MB."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += private_bytes(process.memory_info())
        except psutil.Error:
            continue
    return total / 2**20
