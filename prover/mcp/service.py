"""The interface behind the tools: a prover in this process, or a running service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic import Field

from prover.core.record import STOP_REASONS_IN_WORDS, Frozen, ProofRecord, StopReason, Verdict, Verification
from prover.errors import Message
from prover.jobs.job import FailureMessage, JobStatus, Progress
from prover.proving.suggest import SuggestionOptions, Suggestions


class JobView(Frozen):
    """A short view of a job. `proved` is true only with an accepted verification."""

    job: str = Field(description="id for job_status and cancel_job")
    status: JobStatus
    progress: Progress | None = Field(default=None, description="how far the search is; null when it has ended")
    proved: bool | None = Field(default=None, description="null until the job has ended")
    verdict: Verdict | None = Field(default=None, description="null until the job has ended; refuted: it is false")
    counterexample: dict[str, str] | None = Field(
        default=None, description="values of the variables for which the statement is false"
    )
    refutation: str | None = Field(default=None, description="the whole verified Lean text that refutes the statement")
    proof: str | None = Field(default=None, description="the whole verified Lean text")
    tactics: tuple[str, ...] | None = Field(default=None, description="the verified proof, tactic by tactic")
    axioms: tuple[str, ...] | None = Field(default=None, description="axioms of the proved theorem")
    tier: str | None = Field(default=None, description="verification tier")
    environment: str | None = None
    reason: str | None = Field(default=None, description="why the theorem is not proved, and what would help")
    closest: str | None = Field(
        default=None, description="the most promising unfinished proof: Lean text with `sorry` at the goals left open"
    )
    elapsed_s: float | None = None

    @classmethod
    def of(cls, job: str, status: JobStatus, record: ProofRecord) -> JobView:
        """Return the view of a job that has a record."""
        accepted = record.verification if record.proved else None
        return cls(
            job=job,
            status=status,
            proved=record.proved,
            verdict=record.verdict,
            counterexample=record.refutation.counterexample if record.refutation else None,
            refutation=record.refutation.proof if record.refutation else None,
            proof=record.proof,
            tactics=record.proof_tactics if accepted else None,
            axioms=accepted.axioms if accepted else None,
            tier=accepted.tier if accepted else None,
            environment=record.environment,
            reason=None if accepted else _why_not_proved(record),
            closest=record.closest[0].source if record.closest else None,
            elapsed_s=record.elapsed_s,
        )

    @classmethod
    def cancelled(cls, job: str) -> JobView:
        """Return the view of a job that was cancelled before it had a record."""
        reason = STOP_REASONS_IN_WORDS[StopReason.CANCELLED]
        return cls(job=job, status=JobStatus.CANCELLED, proved=False, reason=reason)


class ProvingService(Protocol):
    """A prover. Errors are those of `prover.errors`."""

    async def prove(self, theorem: str, *, effort: float, timeout_s: float, wait_s: float) -> JobView:
        """Start a job, and return when it has ended or `wait_s` has passed."""

    async def job(self, job: str, *, wait_s: float) -> JobView:
        """Return a job when it has ended or `wait_s` has passed.

        Raises:
            ServiceError: there is no such job.
        """

    async def cancel(self, job: str) -> JobView:
        """Cancel a job. One that has ended stays as it is."""

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


def with_messages(reason: str, messages: Iterable[Message | FailureMessage], hint: str | None) -> str:
    """Return why a theorem cannot be used: the assistant's messages with their places, or else the reason; a hint."""
    said = [f"line {each.line}, column {each.column + 1}: {each.text}" if each.line else each.text for each in messages]
    if not any(reason in text for text in said):
        said.insert(0, reason)
    return "\n".join([*said, *([f"hint: {hint}"] if hint else [])])


def _why_not_proved(record: ProofRecord) -> str:
    search = record.search
    if record.refutation:
        values = record.refutation.in_words
        return f"the statement is false for {values}" if values else "the statement is false"
    helps = [f"what would help is {record.advice.words}"] if record.advice else []
    return "; ".join([search.why_not_proved, *helps, *record.refused, *record.notes])
