"""What the API accepts at most."""

from __future__ import annotations

from dataclasses import dataclass

from prover.core.budget import SearchBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """The limits of requests, as the routes keep them. Their settings are in `ServeSettings`."""

    body_bytes: int
    batch_bytes: int
    """Size of a batch in JSON Lines."""
    batch: int
    """Number of theorems in a batch."""
    wait_s: float
    streams: int
    """Number of open event streams."""
    verifications: int
    """Texts that are verified concurrently."""
    budget: SearchBudget
    """The largest budget of a job."""
