"""What the routes share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prover.environments.environment import ProofEnvironment
from prover.jobs.store import JobStore
from prover.storage.accepted_proofs import ProofCache
from prover.web.keys import KeyRing
from prover.web.limits import RequestLimits


@dataclass(slots=True)
class Services:
    """The store, the cache, and the API's own proof assistant for verification. Workers prove the jobs."""

    store: JobStore
    proofs: ProofCache
    environment: ProofEnvironment
    environment_name: str
    """As in `PROVER_ENVIRONMENT`."""
    keys: KeyRing
    check_environment: Callable[[], None]
    """Raises EnvironmentUnavailableError if the API's own proof assistant cannot be used."""
    limits: RequestLimits
    verify_timeout_s: float
    reverified: float
    """Share of the proofs from the cache that a worker verifies again."""
    cors_origins: tuple[str, ...] = ()
    check_model: Callable[[], Awaitable[str | None]] | None = None
    """Says why the language model cannot be used, or None if it can be. None: no model is configured."""
    starting: Callable[[], int] = lambda: 0
    """Says how many workers this process has just started, which may not have reported yet."""
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is about to end: streams close, and /readyz answers 503."""
