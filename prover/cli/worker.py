"""`prover worker`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable

import click

from prover.cli.run import needs_service, run
from prover.settings import Settings


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), help="Theorems proved at once.  [default: 1]")
def worker(concurrency: int | None) -> None:
    """Prove what waits in the Redis of PROVER_REDIS__URL, until told to end (SIGTERM, Ctrl-C).

    Start as many as you like, on as many machines. A worker that is told to end finishes what it can within
    PROVER_WORKER__DRAIN_S and hands the rest on; one that is killed loses nothing either.
    """
    needs_service()
    from prover.service import open_worker
    from prover.telemetry import set_up_logging

    settings = Settings()
    if concurrency is not None:
        changed = settings.worker.model_copy(update={"concurrency": concurrency})
        settings = settings.model_copy(update={"worker": changed})
    set_up_logging(settings.log_level, settings.log_format)
    os.nice(settings.worker.nice)

    async def work(stop: asyncio.Event) -> None:
        async with open_worker(settings) as ours:
            running = asyncio.ensure_future(ours.run())
            stopping = asyncio.ensure_future(_then(stop.wait(), ours.drain))
            try:
                await running
            finally:
                stopping.cancel()

    run(work)


async def _then(waiting: Awaitable[object], act: object) -> None:
    await waiting
    assert callable(act)
    act()
