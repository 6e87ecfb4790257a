"""Lean projects as tests have them: the REPL in them is the stand-in on top of the embedded Lean."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

from prover.assembly.native_lean import lean_project_environment
from prover.core.library import LibrarySource
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.pool import PoolLimits, ReplPool
from prover.environments.lean_repl.tiers import Tiers
from prover.settings import Settings
from tests.conftest import ROOT


def standin_project(
    command: tuple[str, ...],
    *,
    tiers: Tiers | None = None,
    commands: int = 1000,
    library: LibrarySource | None = None,
) -> LeanProjectEnvironment:
    """`command`: what starts a process of the stand-in, see repl.serving."""
    pool = ReplPool(command, ROOT, replace(PoolLimits(), commands=commands))
    return LeanProjectEnvironment(pool, identity="lean4@standin", tiers=tiers, library=library)


def native_project() -> LeanProjectEnvironment | None:
    """The project that PROVER_LEAN__PROJECT names, with a real Lean, or None."""
    settings = Settings()
    return lean_project_environment(settings.lean, settings.cache_dir) if settings.lean.project else None


def command_line_project(folder: Path, command: tuple[str, ...]) -> tuple[Path, dict[str, str]]:
    """Write a project whose REPL is the stand-in; return it and the environment in which commands find that."""
    project = folder / "mine"
    project.mkdir()
    (project / "lean-toolchain").write_text("leanprover/lean4:v4.24.0\n")
    (project / "lakefile.toml").write_text('name = "mine"\n')
    scripts = {"lake": 'test "$1" = env && shift && exec "$@"', "repl": f"exec {shlex.join(command)}"}
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    settings = {"PROVER_LEAN__LAKE": str(folder / "lake"), "PROVER_LEAN__REPL": str(folder / "repl")}
    return project, os.environ | settings
