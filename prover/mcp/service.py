"""What the tools need of a prover: one in this process, or a running service."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from pydantic import Field

from prover.core.record import Frozen, ProofRecord, StopReason, Verification
from prover.proving.suggest import SuggestionOptions, Suggestions

WHY = {
    StopReason.EXHAUSTED: "everything that the policy proposes was tried; more time will not help",
    StopReason.BUDGET_SPENT: "the time or the expansions of the budget are spent; more may help",
    StopReason.CANCELLED: "it was cancelled",
    StopReason.FOUND: "what the search found was not accepted by verification",
}


class JobStatus(StrEnum):
    """Where a job stands. Whether the theorem was proved is in `proved`."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobView(Frozen):
    """A job for a reader in a hurry. `proved` is true only with an accepted verification."""

    job: str = Field(description="its id, for job_status and cancel_job")
    status: JobStatus
    proved: bool | None = Field(default=None, description="null until the job has ended")
    proof: str | None = Field(default=None, description="the whole verified Lean text")
    tactics: tuple[str, ...] | None = Field(default=None, description="the verified proof, tactic by tactic")
    axioms: tuple[str, ...] | None = Field(default=None, description="of the proved theorem")
    tier: str | None = Field(default=None, description="how much stands behind the verification")
    environment: str | None = None
    reason: str | None = Field(default=None, description="why it is not proved")
    elapsed_s: float | None = None

    @classmethod
    def of(cls, job: str, status: JobStatus, record: ProofRecord) -> JobView:
        """Return the view of a job that has a record."""
        accepted = record.verification if record.proved else None
        return cls(
            job=job,
            status=status,
            proved=record.proved,
            proof=record.proof,
            tactics=record.search.tactics if accepted else None,
            axioms=accepted.axioms if accepted else None,
            tier=accepted.tier if accepted else None,
            environment=record.environment,
            reason=None if accepted else "; ".join([WHY[record.search.stop], *record.refused, *record.notes]),
            elapsed_s=record.elapsed_s,
        )


class ProvingService(Protocol):
    """A prover. Errors are `prover.errors`."""

    async def prove(self, theorem: str, *, effort: float, timeout_s: float, wait_s: float) -> JobView:
        """Begin a proof, and return when it has ended or `wait_s` is over."""

    async def job(self, job: str, *, wait_s: float) -> JobView:
        """Return where a job stands, or when it has ended, for which `wait_s` is waited.

        Raises:
            ServiceError: there is no such job.
        """

    async def cancel(self, job: str) -> JobView:
        """Cancel a job; one that has ended stays as it is."""

    async def verify(self, source: str, *, against: str | None) -> Verification:
        """Verify a Lean text."""

    async def suggest(
        self,
        *,
        theorem: str | None,
        tactics: Sequence[str],
        state: str | None,
        header: str,
        options: SuggestionOptions,
    ) -> Suggestions:
        """Suggest tactics for a theorem with the proof so far, or for a printed state."""
