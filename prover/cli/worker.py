"""`prover worker`."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable

import click

from prover.assembly.environments import check_environment
from prover.cli.exits import MACHINE_FAULT, OK
from prover.cli.extras import require
from prover.cli.options.environment import environment_options
from prover.cli.run import Stop, run
from prover.settings import Settings


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), help="Theorems proved at once.  [default: 1]")
@click.option("--healthy", is_flag=True, help="Only say (exit status 0 or 3) whether a worker of this host reports.")
@click.option("--supervised", is_flag=True, hidden=True, help="Started by `prover serve`, which passes signals on.")
@environment_options
def worker(concurrency: int | None, healthy: bool, supervised: bool, environment: str, settings: Settings) -> None:
    """Prove what waits in the Redis of PROVER_REDIS__URL, until told to end (SIGTERM, Ctrl-C).

    Start as many as you like, on as many machines. A worker that is told to end finishes what it can within
    PROVER_WORKER__DRAIN_S and hands the rest on, one that is told again hands it on at once, and one that is killed
    loses nothing either. All workers of a Redis (and a
    PROVER_REDIS__NAMESPACE) need the proof assistant that its API has.
    """
    require("serve", "the service")
    from prover.assembly.service import open_worker
    from prover.telemetry import set_up_logging

    if healthy:
        sys.exit(OK if run(lambda _: _reports(settings)) else MACHINE_FAULT)
    if environment != "lean":
        check_environment(environment, settings)
    if concurrency is not None:
        changed = settings.worker.model_copy(update={"concurrency": concurrency})
        settings = settings.model_copy(update={"worker": changed})
    set_up_logging(settings.log_level, settings.log_format)

    async def work(stop: Stop) -> None:
        async with open_worker(settings) as ours:
            running = asyncio.ensure_future(ours.run())
            stopping = [
                asyncio.ensure_future(_then(stop, ours.drain)),
                asyncio.ensure_future(_then(stop.again, ours.hand_on)),
            ]
            try:
                with stop.heeded(times=2):
                    await running
            finally:
                for waiting in stopping:
                    waiting.cancel()

    run(work, supervised=supervised)


async def _reports(settings: Settings) -> bool:
    from prover.assembly.service import connect
    from prover.jobs.statistics import workers_now

    connection = connect(settings)
    try:
        return any(name.startswith(f"{socket.gethostname()}:") for name in await workers_now(connection))
    finally:
        await connection.close()


async def _then(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()
