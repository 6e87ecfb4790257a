"""A job: one theorem to prove, its status, and its result."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Literal

from pydantic import Field

from prover.core.budget import SearchBudget
from prover.core.record import Frozen, StoredRecord, Verdict
from prover.core.theorem import Theorem

HIGHEST_PRIORITY = 9


class JobStatus(StrEnum):
    """The status of a job. It does not say whether the theorem was proved: see `proved`."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Is the job completed, failed or cancelled?"""
        return self in {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


class CacheUse(StrEnum):
    """What to do with a cached proof: use it, verify it again, or ignore it and search."""

    USE = "use"
    VERIFY = "verify"
    IGNORE = "ignore"


class ProofTask(Frozen):
    """What a worker needs to know to prove a theorem."""

    text: str = Field(description="header and statement")
    informal: str = Field(default="", description="the problem in words")
    name: str = ""
    forbid: tuple[str, ...] = ()
    policy: str | None = None
    budget: SearchBudget = SearchBudget()
    seed: int = 0
    cache: CacheUse = CacheUse.USE
    events: bool = True
    request_id: str = Field(default="", description="id of the request that submitted it, for logs")

    def theorem(self) -> Theorem:
        """Return the theorem. Raises InvalidTheoremError for text rejected before parsing."""
        return replace(Theorem.from_text(self.text, forbid=self.forbid), informal=self.informal)


class FailureMessage(Frozen):
    """A message of the proof assistant. Lines count from 1, columns (in characters) from 0; line 0: no position."""

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
    """Progress of a search."""

    expansions: int = 0
    tactics: int = 0
    frontier: int = Field(default=0, description="open states")
    depth: int = Field(default=0, description="longest path of tactics expanded")


class Job(Frozen):
    """A job as it is stored. Times are seconds since 1970."""

    id: str
    status: JobStatus
    task: ProofTask
    priority: int
    owner: str
    batch: str | None = None
    created: float
    started: float | None = None
    finished: float | None = None
    attempt: int = Field(default=0, description="number of times a worker started it")
    cancelling: bool = False
    cached: bool = Field(default=False, description="the record comes from the cache")
    progress: Progress = Progress()
    verdict: Verdict = "unknown"
    record: StoredRecord | None = None
    failure: JobFailure | None = None

    @property
    def proved(self) -> bool:
        """Was the theorem proved?"""
        return self.verdict == "proved"


class Batch(Frozen):
    """Many jobs under one name, and how many have each status."""

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
    refuted: int = 0
