"""Lean projects as tests have them: the REPL in them is the stand-in on top of the embedded Lean."""

from __future__ import annotations

from dataclasses import replace

from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.pool import PoolLimits, ReplPool
from prover.environments.lean_repl.tiers import Tiers
from prover.settings import Settings
from prover.wiring_lean import lean_project_environment
from tests.conftest import ROOT


def standin_project(
    command: tuple[str, ...], *, tiers: Tiers | None = None, commands: int = 1000
) -> LeanProjectEnvironment:
    """`command`: what starts a process of the stand-in, see repl.serving."""
    pool = ReplPool(command, ROOT, replace(PoolLimits(), commands=commands))
    return LeanProjectEnvironment(pool, identity="lean4@standin", tiers=tiers)


def native_project() -> LeanProjectEnvironment | None:
    """The project that PROVER_LEAN__PROJECT names, with a real Lean, or None."""
    settings = Settings()
    return lean_project_environment(settings) if settings.lean.project else None
