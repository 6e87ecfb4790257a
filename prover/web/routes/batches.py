"""Batches: submit (JSON, or JSON Lines as a stream), look up, cancel, list, results."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from prover.jobs import batches
from prover.jobs.batches import BatchUpload
from prover.jobs.job import HIGHEST_PRIORITY, CacheUse, Job, ProofTask
from prover.web.batch_reading import BatchReading, refusal_of
from prover.web.keys import Calling
from prover.web.ndjson import read_lines
from prover.web.problems import PayloadError, media_type
from prover.web.routes.proofs import BATCH_ID, IdempotencyKey, WaitS
from prover.web.schemas import BULK, BatchOptions, BatchPage, BatchSubmission, BatchView, Budget, PolicyName
from prover.web.services import Services
from prover.web.submitting import with_known

LINES = {"application/x-ndjson", "application/jsonl", "application/jsonlines", "application/ndjson"}
BatchId = Annotated[str, Path(pattern=BATCH_ID, examples=["b0000000000000000000000000000"])]
PATH = "/v1/batches"


def router(services: Services) -> APIRouter:
    """Return the routes of batches."""
    routes = APIRouter(prefix=PATH, tags=["batches"])
    store, limits = services.store, services.limits

    @routes.post(
        "",
        summary="Submit a batch",
        status_code=202,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/BatchSubmission"}},
                    "application/x-ndjson": {
                        "schema": {"type": "string", "description": "one row of a problem set per line"},
                        "example": '{"name": "a", "statement": "theorem a : 1 + 1 = 2"}\n',
                    },
                },
            }
        },
    )
    async def submit(
        request: Request,
        caller: Calling,
        response: Response,
        name: Annotated[str, Query(max_length=200)] = "",
        policy: Annotated[PolicyName | None, Query()] = None,
        effort: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
        tactic_effort: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
        timeout_s: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
        tactic_timeout_s: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
        expansions: Annotated[int | None, Query(ge=1)] = None,
        candidates: Annotated[int | None, Query(ge=1)] = None,
        seed: Annotated[int, Query(ge=-(2**53), le=2**53)] = 0,
        cache: CacheUse = CacheUse.USE,
        priority: Annotated[int, Query(ge=0, le=HIGHEST_PRIORITY)] = BULK,
        record: bool = False,
        idempotency_key: IdempotencyKey = None,
    ) -> BatchView:
        """Accept many theorems, all or none: a JSON body, or JSON Lines with the options in the query.

        A line is a row of a problem set: `statement`, and optionally `name`, `header`, `forbid`.
        """
        kind = media_type(request)
        if kind in LINES:
            budget = Budget(
                effort=effort,
                tactic_effort=tactic_effort,
                timeout_s=timeout_s,
                tactic_timeout_s=tactic_timeout_s,
                expansions=expansions,
                candidates=candidates,
            )
            options = BatchOptions(policy=policy, budget=budget, seed=seed, cache=cache, record=record)
            reading = BatchReading(options, services)
            tasks = reading.of_lines(read_lines(request.stream()))
        elif kind == "application/json" or not kind:
            body = await _json_body(request, limits.body_bytes)
            options, name, priority = body, body.name, body.priority
            idempotency_key = body.idempotency_key or idempotency_key
            reading = BatchReading(options, services)
            tasks = reading.of_problems(body.problems)
        else:
            raise PayloadError(415, f"send application/json or application/x-ndjson, not {kind}")
        async with BatchUpload(store, owner=caller.name, priority=priority) as upload:
            portion: list[ProofTask] = []
            async for task in tasks:
                portion.append(task)
                if len(portion) == batches.AT_ONCE:
                    await upload.add(await with_known(services, portion))
                    portion = []
            reading.raise_faults()
            if portion:
                await upload.add(await with_known(services, portion))
            if not upload.total:
                raise PayloadError(422, "the batch has no theorems")
            batch_id, new = await upload.seal(name=name, idempotency_key=idempotency_key, max_open=caller.unfinished)
        if new:
            await batches.queue_batches(store.connection, store.limits)
        else:
            response.headers["Idempotent-Replayed"] = "true"
        response.headers["Location"] = f"{PATH}/{batch_id}"
        return BatchView.of(await batches.get_batch(store, batch_id))

    @routes.get("", summary="List batches")
    async def browse(
        caller: Calling,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(pattern=BATCH_ID, description="`next` of the previous page")] = None,
    ) -> BatchPage:
        """List batches, newest first."""
        found, following = await batches.list_batches(store, owner=caller.sees, limit=limit, before=cursor)
        return BatchPage(items=[BatchView.of(batch) for batch in found], next=following)

    @routes.get("/{batch_id}", summary="Look at a batch")
    async def look(batch_id: BatchId, caller: Calling, wait_s: WaitS = 0.0) -> BatchView:
        """Return a batch: how many of its jobs have each status."""
        timeout_s = min(wait_s, limits.wait_s)
        return BatchView.of(await batches.wait_for_batch(store, batch_id, owner=caller.sees, timeout_s=timeout_s))

    @routes.delete("/{batch_id}", summary="Cancel a batch", status_code=202)
    async def cancel(batch_id: BatchId, caller: Calling) -> BatchView:
        """Cancel the jobs of a batch that have not ended."""
        await batches.get_batch(store, batch_id, owner=caller.sees)
        await store.cancel(await batches.batch_ids(store, batch_id))
        return BatchView.of(await batches.get_batch(store, batch_id))

    @routes.get(
        "/{batch_id}/results",
        summary="Results of a batch",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "JSON Lines: one line per job that has ended, in the order of submission",
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            }
        },
    )
    async def results(batch_id: BatchId, caller: Calling) -> StreamingResponse:
        """Return the results so far, in the format of `prover bench` (`problem`, `proved`, `error`, the record)."""
        await batches.get_batch(store, batch_id, owner=caller.sees)

        async def body() -> AsyncIterator[str]:
            async for job in batches.batch_jobs(store, batch_id):
                if job.status.ended:
                    yield json.dumps(result_row(job), ensure_ascii=False) + "\n"

        return StreamingResponse(body(), media_type="application/x-ndjson")

    return routes


def result_row(job: Job) -> dict[str, object]:
    """Return the result line of a job that has ended."""
    row: dict[str, object] = {"problem": job.task.name, "id": job.id, "status": job.status, "proved": False}
    error = f"{job.failure.kind}: {job.failure.reason}" if job.failure else None
    return {**row, "error": error, **(job.record.model_dump(mode="json") if job.record else {})}


async def _json_body(request: Request, limit: int) -> BatchSubmission:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > limit:
            raise PayloadError(413, f"at most {limit:,} bytes of JSON; send larger batches as JSON Lines")
    try:
        return BatchSubmission.model_validate_json(bytes(data))
    except ValidationError as error:
        raise refusal_of(error) from error
