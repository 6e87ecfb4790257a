"""Single proofs: submit, look, cancel, list, follow."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

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
Cursor = Annotated[str | None, Query(pattern=PROOF_ID, description="`next` of the page before")]
WaitS = Annotated[float, Query(ge=0, allow_inf_nan=False, description="answer when it has ended, or after this time")]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, description="the same key again gives the same job")
]


def router(services: Services, metrics: Metrics) -> APIRouter:
    """Return the routes of single proofs."""
    routes = APIRouter(prefix="/v1/proofs", tags=["proofs"])
    store, caps = services.store, services.settings.serve

    async def waited(job: Job, owner: str, wait_s: float, response: Response) -> ProofView:
        if wait_s and not job.status.ended:
            job = await store.wait(job.id, owner=owner, timeout_s=min(wait_s, caps.max_wait_s))
        response.status_code = 200 if job.status.ended else 202
        response.headers["Location"] = f"/v1/proofs/{job.id}"
        return ProofView.of(job)

    @routes.post(
        "",
        status_code=202,
        responses={200: {"model": ProofView, "description": "It has ended already"}},
    )
    async def submit(
        body: ProofSubmission,
        caller: Calling,
        response: Response,
        wait_s: WaitS = 0.0,
        idempotency_key: IdempotencyKey = None,
    ) -> ProofView:
        """Accept a theorem: from here on the job is finished or reported, once, whatever breaks.

        202 and `Location`; or 200 if it has ended within `wait_s` (a proof from the cache: at once).
        """
        task = task_of(body, services, statement=body.theorem, header=body.header, name=body.name, forbid=body.forbid)
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

    @routes.get("")
    async def browse(
        caller: Calling,
        response: Response,
        status: JobStatus | None = None,
        proved: bool | None = None,
        batch: Annotated[str | None, Query(pattern=BATCH_ID)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> ProofPage:
        """List jobs, the newest first, without records. `next` leads on, also from a page with fewer than `limit`."""
        jobs, following = await store.browse(
            owner=caller.sees, status=status, proved=proved, batch=batch, limit=limit, before=cursor
        )
        return ProofPage(items=[ProofView.of(job) for job in jobs], next=following)

    @routes.get("/{proof_id}", responses={202: {"model": ProofView, "description": "Not ended within `wait_s`"}})
    async def look(proof_id: ProofId, caller: Calling, response: Response, wait_s: WaitS = 0.0) -> ProofView:
        """Return the record of a job that has ended (200), or how far it is (202 with `wait_s`, else 200)."""
        view = await waited(await store.get(proof_id, owner=caller.sees), caller.sees, wait_s, response)
        if not wait_s:
            response.status_code = 200
        return view

    @routes.delete("/{proof_id}", status_code=202, responses={200: {"model": ProofView, "description": "Ended"}})
    async def cancel(proof_id: ProofId, caller: Calling, response: Response, wait_s: WaitS = 0.0) -> ProofView:
        """Cancel a job. What waits ends at once (200); what runs stops at its tactic, soon after (202).

        A job that has ended stays as it is.
        """
        await store.get(proof_id, owner=caller.sees)
        await store.cancel([proof_id])
        return await waited(await store.get(proof_id, owner=caller.sees), caller.sees, wait_s, response)

    @routes.get(
        "/{proof_id}/events",
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
        last_event_id: Annotated[str | None, Header(description="go on after this event")] = None,
    ) -> StreamingResponse:
        """Follow a job: its events from the first (or after `Last-Event-ID`) to `finished`, as they happen."""
        await store.get(proof_id, owner=caller.sees)
        if services.streams.locked():
            raise TooBusyError("too many event streams are open", retry_after_s=5.0)

        async def body() -> AsyncIterator[bytes]:
            async with services.streams:
                stream = event_stream(services, metrics, proof_id, caller.sees, last_event_id)
                async with contextlib.aclosing(stream):
                    async for part in stream:
                        yield part

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body(), media_type="text/event-stream", headers=headers)

    return routes
