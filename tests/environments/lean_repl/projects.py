"""Lean projects as tests have them: the REPL in them is the stand-in on top of the embedded Lean."""

from __future__ import annotations

import sys
from dataclasses import replace

from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.pool import PoolLimits, ReplPool
from prover.environments.lean_repl.tiers import Tiers
from prover.settings import Settings
from prover.wiring_lean import lean_project_environment
from tests.conftest import ROOT

STANDIN = (sys.executable, "-m", "tests.environments.lean_repl.repl")
LIMITS = PoolLimits(start_s=60.0)


def standin_pool(*arguments: str, **limits: float) -> ReplPool:
    return ReplPool((*STANDIN, *arguments), ROOT, replace(LIMITS, **limits))  # type: ignore[arg-type]


def standin_project(*arguments: str, tiers: Tiers | None = None, **limits: float) -> LeanProjectEnvironment:
    return LeanProjectEnvironment(standin_pool(*arguments, **limits), identity="lean4@standin", tiers=tiers)


def native_project() -> LeanProjectEnvironment | None:
    """The project that PROVER_LEAN__PROJECT names, with a real Lean, or None."""
    settings = Settings()
    return lean_project_environment(settings) if settings.lean.project else None
