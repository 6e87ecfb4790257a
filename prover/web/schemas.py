"""Bodies of requests and answers. The OpenAPI page is made from these."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from prover.core.record import StoredRecord, Verification
from prover.errors import InvalidPolicyError
from prover.jobs.job import (
    HIGHEST_PRIORITY,
    Batch,
    CacheUse,
    Job,
    JobFailure,
    JobStatus,
    Progress,
)
from prover.policies import registry
from prover.search.live import AttemptEvent, ExpansionEvent, FoundEvent, NodeEvent

EXAMPLE = "theorem add_swap (a b : Nat) : a + b = b + a"
_NAMED = re.compile(r"\b(?:theorem|lemma)\s+([^\s:({\[]+)")
INTERACTIVE, BULK = 5, 3
"""Priorities, if none is asked for, of a single proof and of a batch."""


def _known_policy(name: str) -> str:
    """Refuse what is no policy of any assistant; whether this server's has it is for `prover.web.submitting`."""
    try:
        registry.choose(name)
    except InvalidPolicyError as error:
        raise PydanticCustomError("policy", "{reason}", {"reason": str(error)}) from error
    return name


PolicyName = Annotated[
    str,
    AfterValidator(_known_policy),
    Field(max_length=20_000, description=registry.described(), json_schema_extra={"pattern": registry.pattern()}),
]
Priority = Annotated[int, Field(ge=0, le=HIGHEST_PRIORITY, description="higher goes first")]
Text = Annotated[str, Field(max_length=1_000_000)]


class Body(BaseModel):
    """A request's body: no unknown members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Budget(Body):
    """Limits of one search; what is left out has its default. The server has caps."""

    expansions: int | None = Field(default=None, ge=1, description="states whose candidates are tried (100)")
    candidates: int | None = Field(default=None, ge=1, description="tactics tried at a state in a turn (32)")
    effort: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="work of the proof assistant, about a second of an idle core each, the same on every machine (60)",
    )
    tactic_effort: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="the same for one tactic (what its policy thinks it worth)"
    )
    timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="wall time of the search (1800)"
    )
    tactic_timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="wall time of one tactic (600)"
    )


class SearchOptions(Body):
    """How a theorem is searched; the same for single proofs and batches."""

    environment: str | None = Field(default=None, max_length=200, description="must be the one that the server has")
    policy: PolicyName | None = None
    budget: Budget = Budget()
    seed: int = Field(default=0, ge=-(2**53), le=2**53)
    cache: CacheUse = Field(
        default=CacheUse.USE,
        description="use: a proof that is known is the answer; verify: after verifying it again; ignore: search afresh",
    )


class ProofSubmission(SearchOptions):
    """A theorem to be proved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"theorem": EXAMPLE},
                {
                    "header": "def twice (n : Nat) := n + n",
                    "theorem": "theorem twice_eq (n : Nat) : twice n = 2 * n := by sorry",
                    "policy": "closers",
                    "budget": {"effort": 30},
                    "priority": 7,
                    "idempotency_key": "twice-1",
                },
            ]
        }
    )

    theorem: Text = Field(min_length=1, description="Lean text: one theorem, its proof left out or `sorry`")
    header: Text = Field(default="", description="imports, `open`, notation, definitions")
    name: str = Field(default="", max_length=200, description="a label of your own")
    forbid: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(
        default=(), max_length=100, description="constants that the proof term may not contain"
    )
    priority: Priority = INTERACTIVE
    idempotency_key: str | None = Field(
        default=None, min_length=1, max_length=200, description="the same key again gives the same job"
    )


class BatchItem(Body):
    """One line of a batch: a row of a problem set, or the members of a proof that differ. Others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    statement: Text = Field(min_length=1)
    name: str = Field(default="", max_length=200)
    header: Text = ""
    forbid: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(default=(), max_length=100)


class BatchOptions(SearchOptions):
    """How the theorems of a batch are searched."""

    record: bool = Field(
        default=False, description="keep every search's events, for its tree; a search takes some 100 kB of Redis"
    )


class BatchSubmission(BatchOptions):
    """Many theorems in one JSON body; larger batches come as JSON Lines."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "two", "problems": [{"name": "a", "statement": EXAMPLE}], "budget": {"effort": 5}}]
        }
    )

    name: str = Field(default="", max_length=200)
    problems: tuple[BatchItem, ...] = Field(min_length=1)
    priority: Priority = BULK
    idempotency_key: str | None = Field(default=None, min_length=1, max_length=200)


class Links(BaseModel):
    """Where the rest is."""

    self: str
    events: str | None = None
    results: str | None = None


class ProofView(BaseModel):
    """A job: where it stands, and what came of it."""

    id: str
    status: JobStatus = Field(description="`completed` says that the attempt ended; `proved` what came of it")
    proved: bool | None = Field(description="null until it has ended")
    name: str
    theorem: str = Field(description="header and statement as given")
    proof: str | None = Field(default=None, description="the verified text, header included")
    batch: str | None = None
    policy: str | None = Field(default=None, description="as asked for; null: the server's choice")
    priority: int
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    attempt: int = Field(description="times that a worker has begun it")
    cancelling: bool = False
    cached: bool = Field(default=False, description="the answer came from the cache")
    progress: Progress = Progress()
    record: StoredRecord | None = None
    failure: JobFailure | None = None
    links: Links

    @classmethod
    def of(cls, job: Job) -> Self:
        """Return the view of a job."""
        record = job.record
        return cls(
            id=job.id,
            status=job.status,
            proved=job.proved if job.status.ended else None,
            name=job.task.name or _name(job.task.text),
            theorem=job.task.text,
            proof=record.proof if record else None,
            batch=job.batch,
            policy=job.task.policy,
            priority=job.priority,
            created=_time(job.created),
            started=job.started and _time(job.started),
            finished=job.finished and _time(job.finished),
            attempt=job.attempt,
            cancelling=job.cancelling and not job.status.ended,
            cached=job.cached,
            progress=job.progress,
            record=record,
            failure=job.failure,
            links=Links(self=f"/v1/proofs/{job.id}", events=f"/v1/proofs/{job.id}/events"),
        )


class ProofPage(BaseModel):
    """A page of jobs, the newest first."""

    items: list[ProofView] = Field(description="without records")
    next: str | None = Field(description="cursor of the next page; null: this is the last")


class BatchView(BaseModel):
    """A batch: how many of its theorems stand where."""

    id: str
    name: str
    status: Literal["running", "completed"]
    created: datetime
    finished: datetime | None
    total: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int
    proved: int
    links: Links

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Return the view of a batch."""
        place = f"/v1/batches/{batch.id}"
        return cls(
            **batch.model_dump(exclude={"owner", "created", "finished"}),
            status="running" if batch.queued + batch.running else "completed",
            created=_time(batch.created),
            finished=batch.finished and _time(batch.finished),
            links=Links(self=place, results=f"{place}/results"),
        )


class BatchPage(BaseModel):
    """A page of batches, the newest first."""

    items: list[BatchView]
    next: str | None


class VerificationSubmission(Body):
    """A text to be verified."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": f"{EXAMPLE} := by omega", "against": f"{EXAMPLE} := by sorry"}]}
    )

    source: Text = Field(min_length=1, description="Lean text with its proofs")
    against: Text | None = Field(default=None, min_length=1, description="the statement that it must prove exactly")
    timeout_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class VerificationView(Verification):
    """The verdict."""


# ---- server-sent events -----------------------------------------------------------------------------------------
class StartedEvent(BaseModel):
    """A worker has begun. The tree of an earlier attempt counts no more: start afresh."""

    attempt: int


class WaitingEvent(BaseModel):
    """The job waits in the queue: newly accepted, or again after a worker or machine was lost."""

    attempt: int
    reason: str | None = None


EVENTS: dict[str, type[BaseModel]] = {
    "queued": WaitingEvent,
    "started": StartedEvent,
    "node": NodeEvent,
    "expansion": ExpansionEvent,
    "attempt": AttemptEvent,
    "found": FoundEvent,
    "progress": Progress,
    "finished": ProofView,
}
"""Names of the events of a job and their data; `finished` is the last."""


def _name(text: str) -> str:
    found = _NAMED.search(text)
    return found[1][:200] if found else ""


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
