"""What the routes work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from prover.environments.environment import ProofEnvironment
from prover.jobs.store import JobStore
from prover.settings import Settings
from prover.storage.accepted_proofs import ProofCache
from prover.web.keys import KeyRing


@dataclass(slots=True)
class Services:
    """One of each. `environment` is the API's own, for verification; jobs are proved by workers."""

    settings: Settings
    store: JobStore
    proofs: ProofCache
    environment: ProofEnvironment
    keys: KeyRing
    check_environment: Callable[[], None]
    """Raises EnvironmentUnavailableError if the API's own proof assistant cannot be used."""
    starting: Callable[[], int] = lambda: 0
    """Says how many workers this process has just started, which may not have reported yet."""
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is to end: streams close, /readyz says no."""
    verifying: asyncio.Semaphore = field(init=False)
    waiting: int = 0
    """Texts that wait for their verification, or are at it."""
    streams: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.verifying = asyncio.Semaphore(self.settings.serve.verifications)
        self.streams = asyncio.Semaphore(self.settings.serve.max_streams)
