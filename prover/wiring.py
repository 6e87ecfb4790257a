"""The only place that names concrete classes."""

from __future__ import annotations

from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.library import LeanLibrary
from prover.policy.closers import ClosersPolicy
from prover.policy.generator import TacticGenerator
from prover.policy.premises import PremiseSource
from prover.policy.scripted import ScriptedPolicy
from prover.settings import Settings


def lean_environment(settings: Settings) -> LeanWasmEnvironment:
    """Return the embedded Lean, as installed below the cache directory."""
    return LeanWasmEnvironment(Installation.in_cache(settings.cache_dir), heartbeats=settings.lean_heartbeats)


def policy(name: str, settings: Settings | None = None) -> TacticGenerator:
    """Return the policy of that name: `closers`, or `scripted:TACTIC;;TACTIC...`. Raises ValueError for others."""
    kind, _, rest = name.partition(":")
    if kind == "closers" and not rest:
        return ClosersPolicy(PremiseSource(LeanLibrary(Installation.in_cache((settings or Settings()).cache_dir))))
    if kind == "scripted" and rest.strip():
        return ScriptedPolicy([tactic.strip() for tactic in rest.split(";;")], name=name)
    raise ValueError(f"there is no policy {name!r}; there are: closers, scripted:TACTIC;;TACTIC...")
