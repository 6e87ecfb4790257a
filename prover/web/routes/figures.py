"""The figures that the page shows of a batch: those of a `prover bench` report."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from prover.core.plurals import counted
from prover.jobs import batches
from prover.jobs.job import Job
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
        jobs = [job async for job in batches.batch_jobs(store, batch_id) if job.status.ended]
        rows = [_row(job) for job in jobs]
        note = _of_the_cache(sum(job.cached for job in jobs), len(jobs))
        return HTMLResponse(note + await asyncio.to_thread(run_figures, rows) if rows else "")

    return routes


def _row(job: Job) -> ResultRow:
    """Return what the figures draw of a job. What a record from the cache took, it took for another job."""
    row = ResultRow.of(result_row(job))
    if not job.cached:
        return row
    return replace(
        row,
        elapsed_s=None,
        expansions=None,
        tried=None,
        depth=None,
        policy_s=None,
        assistant_s=None,
        search_s=None,
        verification_s=None,
        reasons=(),
        scores=(),
    )


def _of_the_cache(cached: int, ended: int) -> str:
    if not cached:
        return ""
    which = "Every answer" if cached == ended else f"{cached:,} of {counted(ended, 'answer')}"
    left_out = "nothing was searched for it, and the plots of what searches took leave it out"
    return f'<p class="note">{which} came from the cache: {left_out}.</p>'
