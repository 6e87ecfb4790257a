"""A job: one theorem to be proved, where it stands, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from prover.core.budget import SearchBudget
from prover.core.record import Frozen, StoredRecord
from prover.core.theorem import Theorem

HIGHEST_PRIORITY = 9


class JobStatus(StrEnum):
    """Where a job stands. Whether the theorem was proved is in the record, not here."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Will nothing happen to the job any more?"""
        return self in {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


class CacheUse(StrEnum):
    """What is done with a proof that the cache has: trust its signature, verify it again, or search afresh."""

    USE = "use"
    VERIFY = "verify"
    IGNORE = "ignore"


class ProofTask(Frozen):
    """What is to be done; all that a worker needs to know."""

    text: str = Field(description="header and statement")
    name: str = ""
    forbid: tuple[str, ...] = ()
    policy: str | None = None
    budget: SearchBudget = SearchBudget()
    seed: int = 0
    cache: CacheUse = CacheUse.USE
    events: bool = True
    request_id: str = Field(default="", description="of the request that brought it, for logs")

    def theorem(self) -> Theorem:
        """Return the theorem. Raises InvalidTheoremError for text that no parser need see."""
        return Theorem.from_text(self.text, forbid=self.forbid)


class FailureMessage(Frozen):
    """A message of the proof assistant. Lines count from 1, columns (in characters) from 0; line 0: no place."""

    severity: Literal["info", "warning", "error"]
    text: str
    line: int = 0
    column: int = 0


class JobFailure(Frozen):
    """Why a job failed."""

    kind: Literal["invalid_theorem", "invalid_policy", "machine", "worker_lost", "internal"]
    reason: str
    hint: str | None = None
    messages: tuple[FailureMessage, ...] = ()


class Progress(Frozen):
    """How far a search is."""

    expansions: int = 0
    tactics: int = 0
    frontier: int = Field(default=0, description="states waiting")
    depth: int = Field(default=0, description="longest path of tactics expanded")


class Job(Frozen):
    """A job as the store has it. Times are seconds since 1970."""

    id: str
    status: JobStatus
    task: ProofTask
    priority: int
    owner: str
    batch: str | None = None
    created: float
    started: float | None = None
    finished: float | None = None
    attempt: int = Field(default=0, description="times that a worker has begun it")
    cancelling: bool = False
    cached: bool = Field(default=False, description="answered from the cache")
    progress: Progress = Progress()
    proved: bool = False
    record: StoredRecord | None = None
    failure: JobFailure | None = None


class Batch(Frozen):
    """Many jobs under one name, and how many of them stand where."""

    id: str
    name: str = ""
    owner: str
    created: float
    finished: float | None = None
    total: int
    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    proved: int = 0
