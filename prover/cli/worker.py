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
from prover.settings import RedisSettings, Settings, warn_of_unclaimed_names


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Theorems to prove at once.  [default: PROVER_WORKER__CONCURRENCY, else 1 or what a container has memory for]",
)
@click.option(
    "--healthy", is_flag=True, help="Start nothing; exit with 0 if a worker on this host reports to Redis, else with 3."
)
@click.option("--supervised", is_flag=True, hidden=True, help="Started by `prover serve`, which passes signals on.")
@environment_options
def worker(concurrency: int | None, healthy: bool, supervised: bool, environment: str, settings: Settings) -> None:
    """Prove the jobs that wait in Redis.

    Redis is at PROVER_REDIS__URL. Start any number of workers, on any number of machines; all need the proof assistant
    of the API. SIGTERM or Ctrl-C lets jobs under way finish within PROVER_WORKER__DRAIN_S seconds, then returns them to
    the queue; a second one returns them at once. A worker that is killed loses no job.

    \b
      PROVER_REDIS__URL=redis://HOST:6379/0 prover worker --concurrency 4
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    require("serve", "the service")
    from prover.assembly.service import open_worker
    from prover.telemetry import set_up_logging

    if healthy:
        sys.exit(OK if run(lambda _: _reports(settings.redis)) else MACHINE_FAULT)
    if environment != "lean":
        check_environment(environment, settings)
    if concurrency is not None:
        changed = settings.worker.model_copy(update={"concurrency": concurrency})
        settings = settings.model_copy(update={"worker": changed})
    set_up_logging(settings.log_level, settings.log_format)
    if not supervised:  # else `prover serve` has said so
        warn_of_unclaimed_names()

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


async def _reports(redis: RedisSettings) -> bool:
    from prover.assembly.service import connect
    from prover.jobs.statistics import workers_now

    connection = connect(redis)
    try:
        return any(name.startswith(f"{socket.gethostname()}:") for name in await workers_now(connection))
    finally:
        await connection.close()


async def _then(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()
