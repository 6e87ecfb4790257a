"""Request and response bodies. The OpenAPI description is generated from these."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, computed_field
from pydantic_core import PydanticCustomError

from prover.core.record import StoredRecord, Verdict, Verification
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
"""Default priorities of a single proof and of a batch."""


def _known_policy(name: str) -> str:
    """Reject the names that no assistant has; `prover.web.submitting` knows which this server has."""
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
Priority = Annotated[int, Field(ge=0, le=HIGHEST_PRIORITY, description="jobs of a higher priority run first")]
Text = Annotated[str, Field(max_length=1_000_000)]


class Body(BaseModel):
    """A request body without unknown members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Budget(Body):
    """Limits of one search. Defaults are in parentheses; the server has maxima."""

    expansions: int | None = Field(default=None, ge=1, description="number of states to expand (100)")
    candidates: int | None = Field(default=None, ge=1, description="tactics to try in one expansion of a state (32)")
    effort: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="work of the proof assistant, in units of about a second on an idle core; "
        "the same on every machine (60)",
    )
    tactic_effort: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="the same for one tactic (chosen by the policy)"
    )
    timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="wall time of the search (1800)"
    )
    tactic_timeout_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="wall time of one tactic (600)"
    )


class SearchOptions(Body):
    """Options of a search, for single proofs and batches."""

    environment: str | None = Field(
        default=None, max_length=200, description="must be the environment of this server, if given"
    )
    policy: PolicyName | None = None
    budget: Budget = Budget()
    seed: int = Field(default=0, ge=-(2**53), le=2**53)
    cache: CacheUse = Field(
        default=CacheUse.USE,
        description="use: answer with a cached proof; verify: verify it again first; ignore: search without the cache",
    )


class ProofSubmission(SearchOptions):
    """A theorem to prove."""

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

    theorem: Text = Field(min_length=1, description="Lean text: one theorem, without a proof or with `sorry`")
    header: Text = Field(default="", description="imports, `open`, notation, definitions")
    informal: Text = Field(
        default="", description="the problem in words, and below a line `### Solution` a solution: for language models"
    )
    name: str = Field(default="", max_length=200, description="a label of your choice")
    forbid: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(
        default=(), max_length=100, description="constants that the proof term must not contain"
    )
    priority: Priority = INTERACTIVE
    idempotency_key: str | None = Field(
        default=None, min_length=1, max_length=200, description="a request with the same key returns the same job"
    )


class BatchItem(Body):
    """One theorem of a batch, a row of a problem set. Unknown members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    statement: Text = Field(min_length=1)
    name: str = Field(default="", max_length=200)
    header: Text = ""
    informal: Text = ""
    forbid: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(default=(), max_length=100)


class BatchOptions(SearchOptions):
    """Options of the searches of a batch."""

    record: bool = Field(
        default=False, description="keep the events of every search, to show its tree; about 100 kB of Redis per search"
    )


class BatchSubmission(BatchOptions):
    """Many theorems in one JSON body. Send larger batches as JSON Lines."""

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
    """Paths of related resources."""

    self: str
    events: str | None = None
    results: str | None = None


class ProofView(BaseModel):
    """A job: its status and its result."""

    id: str
    status: JobStatus = Field(description="`completed`: the attempt ended; `verdict` says with which result")
    proved: bool | None = Field(description="null until the job has ended")
    verdict: Verdict | None = Field(description="null until the job has ended")
    name: str
    theorem: str = Field(description="header and statement, as submitted")
    proof: str | None = Field(default=None, description="the verified text, including the header")
    batch: str | None = None
    policy: str | None = Field(default=None, description="as requested; null: the server's default")
    priority: int
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    attempt: int = Field(description="number of times a worker started the job")
    cancelling: bool = False
    cached: bool = Field(default=False, description="the record comes from the cache")
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
            verdict=job.verdict if job.status.ended else None,
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
    """A page of jobs, newest first."""

    items: list[ProofView] = Field(description="without records")
    next: str | None = Field(description="cursor of the next page; null: this is the last one")


class BatchView(BaseModel):
    """A batch: how many of its jobs have each status."""

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
    refuted: int
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
    """A page of batches, newest first."""

    items: list[BatchView]
    next: str | None


class VerificationSubmission(Body):
    """A text to verify."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": f"{EXAMPLE} := by omega", "against": f"{EXAMPLE} := by sorry"}]}
    )

    source: Text = Field(min_length=1, description="Lean text with its proofs")
    against: Text | None = Field(default=None, min_length=1, description="the exact statement that the text must prove")
    timeout_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class VerificationView(Verification):
    """The verdict: `accepted`, `rejected`, or `timed_out`, when nothing is known of the proof."""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def verdict(self) -> Literal["accepted", "rejected", "timed_out"]:
        """What became of it."""
        return super().verdict


# ---- server-sent events -----------------------------------------------------------------------------------------
class StartedEvent(BaseModel):
    """A worker started the job. Discard the tree of an earlier attempt."""

    attempt: int


class WaitingEvent(BaseModel):
    """The job is queued: newly accepted, or again after a worker or machine was lost."""

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
"""The events of a job by name, with the type of their data. `finished` is the last."""


def _name(text: str) -> str:
    found = _NAMED.search(text)
    return found[1][:200] if found else ""


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
