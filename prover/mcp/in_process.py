"""A prover in this process. Its jobs live as long as the process."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from prover.core.budget import SearchBudget
from prover.core.record import StopReason, Verification
from prover.core.theorem import Theorem, with_header
from prover.environments.environment import ProofEnvironment
from prover.errors import ProverError, ServiceError
from prover.jobs.job import JobStatus, Progress
from prover.mcp.service import JobView, with_messages
from prover.policies.generator import TacticGenerator
from prover.proving.closest import CLOSEST
from prover.proving.prove import REFUTING, VERIFY_TIMEOUT_S, prove_theorem
from prover.proving.suggest import Suggester, SuggestionOptions, Suggestions
from prover.proving.verify import verify_source
from prover.search.events import Expanded, SearchEvent, Tried

logger = logging.getLogger(__name__)

MAX_UNFINISHED = 32
MAX_REMEMBERED = 200


@dataclass(slots=True)
class _Job:
    """A running or finished job."""

    view: JobView
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def listen(self, event: SearchEvent) -> None:
        """Keep the progress of the search."""
        now = self.view.progress or Progress()
        match event:
            case Expanded():
                depth = max(now.depth, event.node.depth)
                now = Progress(expansions=now.expansions + 1, tactics=now.tactics, frontier=event.frontier, depth=depth)
            case Tried():
                now = now.model_copy(update={"tactics": now.tactics + 1})
        self.view = self.view.model_copy(update={"progress": now})


class InProcess:
    """Proves with one environment and one policy. `concurrency`: number of jobs that run at once; others wait."""

    def __init__(
        self,
        environment: ProofEnvironment,
        generator: TacticGenerator,
        *,
        verify_timeout_s: float = VERIFY_TIMEOUT_S,
        concurrency: int = 2,
    ) -> None:
        self._environment = environment
        self._generator = generator
        self._suggester = Suggester(environment, generator)
        self._verify_timeout_s = verify_timeout_s
        self._slots = asyncio.Semaphore(concurrency)
        self._jobs: dict[str, _Job] = {}

    async def prove(self, theorem: str, *, effort: float, timeout_s: float, wait_s: float) -> JobView:
        """Start a job; see ProvingService."""
        statement = Theorem.from_text(theorem)
        if sum(not job.ended.is_set() for job in self._jobs.values()) >= MAX_UNFINISHED:
            raise ServiceError(f"{MAX_UNFINISHED} jobs are unfinished: wait for one, or cancel one")
        name = f"p{secrets.token_hex(8)}"
        job = self._jobs[name] = _Job(JobView(job=name, status=JobStatus.QUEUED))
        self._forget()
        budget = SearchBudget(effort=effort, timeout_s=timeout_s)
        job.task = asyncio.create_task(self._run(job, statement, budget))
        return await self.job(name, wait_s=wait_s)

    async def job(self, job: str, *, wait_s: float) -> JobView:
        """Return a job; see ProvingService."""
        known = self._known(job)
        with suppress(TimeoutError):
            await asyncio.wait_for(known.ended.wait(), wait_s)
        return known.view

    async def cancel(self, job: str) -> JobView:
        """Cancel a job; see ProvingService."""
        known = self._known(job)
        known.cancel.set()
        await known.ended.wait()
        return known.view

    async def verify(self, source: str, *, against: str | None) -> Verification:
        """Verify a text; see ProvingService."""
        stated = Theorem.from_text(against) if against is not None else None
        text = Theorem.from_text(source)
        return await verify_source(text, self._environment, against=stated, timeout_s=self._verify_timeout_s)

    async def suggest(
        self, *, theorem: str | None, tactics: Sequence[str], state: str | None, header: str, options: SuggestionOptions
    ) -> Suggestions:
        """Suggest tactics; see ProvingService."""
        if theorem is not None:
            statement = Theorem.from_text(with_header(header, theorem))
            return await self._suggester.for_theorem(statement, tactics, options)
        return await self._suggester.for_state(state or "", header=header, options=options)

    async def close(self) -> None:
        """Stop every job. The environment stays open: it belongs to the caller."""
        tasks = [job.task for job in self._jobs.values() if job.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _known(self, job: str) -> _Job:
        if job not in self._jobs:
            raise ServiceError(f"there is no job {job}")
        return self._jobs[job]

    async def _run(self, job: _Job, theorem: Theorem, budget: SearchBudget) -> None:
        name = job.view.job
        try:
            async with self._slots:
                if job.cancel.is_set():
                    job.view = JobView.cancelled(name)
                    return
                job.view = JobView(job=name, status=JobStatus.RUNNING, progress=Progress())
                record = await prove_theorem(
                    theorem,
                    environment=self._environment,
                    generator=self._generator,
                    budget=budget,
                    verify_timeout_s=self._verify_timeout_s,
                    listener=job.listen,
                    cancel=job.cancel,
                    refuting=REFUTING,
                    closest=CLOSEST,
                )
            cancelled = record.search.stop is StopReason.CANCELLED
            job.view = JobView.of(name, JobStatus.CANCELLED if cancelled else JobStatus.COMPLETED, record)
        except asyncio.CancelledError:  # before the search began
            job.view = JobView.cancelled(name)
        except ProverError as error:
            job.view = JobView(job=name, status=JobStatus.FAILED, proved=False, reason=explained(error))
        except Exception:
            logger.exception("a job failed")
            job.view = JobView(
                job=name, status=JobStatus.FAILED, proved=False, reason="an internal error of the prover"
            )
        finally:
            job.ended.set()

    def _forget(self) -> None:
        """Drop the oldest finished jobs beyond MAX_REMEMBERED."""
        for name in [name for name, job in self._jobs.items() if job.ended.is_set()]:
            if len(self._jobs) <= MAX_REMEMBERED:
                break
            del self._jobs[name]


def explained(error: ProverError) -> str:
    """Return an error with the messages of the assistant and the hint, if it has them."""
    return with_messages(str(error), getattr(error, "messages", ()), getattr(error, "hint", None))
