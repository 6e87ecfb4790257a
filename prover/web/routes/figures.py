"""The figures that the page shows of a batch: those of a `prover bench` report."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from prover.jobs import batches
from prover.jobs.store import JobStore
from prover.report.report import run_figures
from prover.report.rows import ResultRow
from prover.web.keys import Calling
from prover.web.routes.batches import BatchId, result_row


def router(store: JobStore) -> APIRouter:
    """Return the route. It belongs to the page and is not part of `/v1`."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.get("/batches/{batch_id}/figures")
    async def figures(batch_id: BatchId, caller: Calling) -> HTMLResponse:
        """Return rate and plots of the theorems that have ended, as HTML."""
        await batches.get_batch(store, batch_id, owner=caller.sees)
        rows = [ResultRow.of(result_row(job)) async for job in batches.batch_jobs(store, batch_id) if job.status.ended]
        return HTMLResponse(await asyncio.to_thread(run_figures, rows) if rows else "")

    return routes
