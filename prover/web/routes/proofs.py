"""Single proofs: submit, look up, cancel, list, follow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from prover.core.record import Verdict
from prover.errors import TooBusyError
from prover.jobs.job import Job, JobStatus
from prover.web.keys import Calling
from prover.web.metrics import Metrics
from prover.web.schemas import EVENTS, ProofPage, ProofSubmission, ProofView
from prover.web.services import Services
from prover.web.sse import event_stream
from prover.web.submitting import task_of, with_known

PROOF_ID, BATCH_ID = r"^p[0-9a-f]{27}$", r"^b[0-9a-f]{27}$"
ProofId = Annotated[str, Path(pattern=PROOF_ID, examples=["p0000000000000000000000000000"])]
Cursor = Annotated[str | None, Query(pattern=PROOF_ID, description="`next` of the previous page")]
WaitS = Annotated[
    float, Query(ge=0, allow_inf_nan=False, description="wait at most this many seconds for the job to end")
]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, description="a request with the same key returns the same job")
]


def router(services: Services, metrics: Metrics) -> APIRouter:
    """Return the routes of single proofs."""
    routes = APIRouter(prefix="/v1/proofs", tags=["proofs"])
    store, limits = services.store, services.limits
    streams = asyncio.Semaphore(limits.streams)

    async def waited(job: Job, owner: str, wait_s: float, response: Response) -> ProofView:
        if wait_s and not job.status.ended:
            job = await store.wait(job.id, owner=owner, timeout_s=min(wait_s, limits.wait_s))
        response.status_code = 200 if job.status.ended else 202
        response.headers["Location"] = f"/v1/proofs/{job.id}"
        return ProofView.of(job)

    @routes.post(
        "",
        summary="Submit a theorem",
        status_code=202,
        responses={200: {"model": ProofView, "description": "The job has ended"}},
    )
    async def submit(
        body: ProofSubmission,
        caller: Calling,
        response: Response,
        wait_s: WaitS = 0.0,
        idempotency_key: IdempotencyKey = None,
    ) -> ProofView:
        """Accept a theorem. From now on the job is finished or reported exactly once, whatever fails.

        202 and `Location`; or 200 if it ends within `wait_s` (with a proof from the cache: at once).
        """
        task = task_of(
            body,
            services,
            statement=body.theorem,
            header=body.header,
            informal=body.informal,
            name=body.name,
            forbid=body.forbid,
        )
        ((task, known),) = await with_known(services, [task])
        job_id, new = await store.submit(
            task,
            owner=caller.name,
            priority=body.priority,
            idempotency_key=body.idempotency_key or idempotency_key,
            max_open=caller.unfinished,
            known=known,
        )
        if not new:
            response.headers["Idempotent-Replayed"] = "true"
        return await waited(await store.get(job_id), caller.sees, wait_s, response)

    @routes.get("", summary="List jobs")
    async def browse(
        caller: Calling,
        response: Response,
        status: JobStatus | None = None,
        proved: bool | None = None,
        verdict: Verdict | None = None,
        batch: Annotated[str | None, Query(pattern=BATCH_ID)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> ProofPage:
        """List jobs without records, newest first. A page may have fewer than `limit` jobs and still have a `next`."""
        jobs, following = await store.browse(
            owner=caller.sees,
            status=status,
            proved=proved,
            verdict=verdict,
            batch=batch,
            limit=limit,
            before=cursor,
        )
        return ProofPage(items=[ProofView.of(job) for job in jobs], next=following)

    @routes.get(
        "/{proof_id}",
        summary="Look at a job",
        responses={202: {"model": ProofView, "description": "The job has not ended within `wait_s`"}},
    )
    async def look(proof_id: ProofId, caller: Calling, response: Response, wait_s: WaitS = 0.0) -> ProofView:
        """Return a job: with its record if it has ended (200), else with its progress (202 with `wait_s`, else 200)."""
        view = await waited(await store.get(proof_id, owner=caller.sees), caller.sees, wait_s, response)
        if not wait_s:
            response.status_code = 200
        return view

    @routes.delete(
        "/{proof_id}",
        summary="Cancel a job",
        status_code=202,
        responses={200: {"model": ProofView, "description": "The job has ended"}},
    )
    async def cancel(proof_id: ProofId, caller: Calling, response: Response, wait_s: WaitS = 0.0) -> ProofView:
        """Cancel a job. A queued job ends at once (200); a running one stops at its current tactic (202).

        A job that has ended stays as it is.
        """
        await store.get(proof_id, owner=caller.sees)
        await store.cancel([proof_id])
        return await waited(await store.get(proof_id, owner=caller.sees), caller.sees, wait_s, response)

    @routes.get(
        "/{proof_id}/events",
        summary="Follow a search",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": f"Server-sent events: {', '.join(EVENTS)}; see docs/reference/rest.md",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    )
    async def events(
        proof_id: ProofId,
        caller: Calling,
        last_event_id: Annotated[str | None, Header(description="resume after this event")] = None,
    ) -> StreamingResponse:
        """Stream the events of a job, from the first (or after `Last-Event-ID`) to `finished`, as they happen."""
        await store.get(proof_id, owner=caller.sees)
        if streams.locked():
            raise TooBusyError("too many event streams are open", retry_after_s=5.0)

        async def body() -> AsyncIterator[bytes]:
            async with streams:
                stream = event_stream(services, metrics, proof_id, caller.sees, last_event_id)
                async with contextlib.aclosing(stream):
                    async for part in stream:
                        yield part

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body(), media_type="text/event-stream", headers=headers)

    return routes
