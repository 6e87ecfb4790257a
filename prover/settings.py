"""Settings: the only reader of the process environment. Every name starts with `PROVER_`."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from prover.budget import WEEK_S

PREFIX = "PROVER_"
ELSEWHERE = {"PROVER_SHARED_DATA"}
"""Read by tests and benchmarks only."""


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("prover")),
        description="folder of downloaded and built things (the embedded Lean, about 0.7 GB)",
    )
    lean_heartbeats: int = Field(
        default=200_000, ge=1, description="Lean's own limit for one tactic, in thousands of allocations"
    )
    verify_timeout_s: float = Field(default=60.0, gt=0, le=WEEK_S, description="wall time of one verification")


def unclaimed_names() -> list[str]:
    """Return the `PROVER_*` names in the process environment that no setting has (misspelt, most likely)."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | ELSEWHERE
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)
