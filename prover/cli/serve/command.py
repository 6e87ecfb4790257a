"""`prover serve`."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prover.assembly.environments import check_environment
from prover.cli.exits import MACHINE_FAULT
from prover.cli.extras import require
from prover.cli.options.environment import environment_options
from prover.cli.run import Stop, run
from prover.cli.serve.workers import Workers
from prover.cli.show import console, show_error
from prover.errors import StoreError
from prover.settings import Settings, warn_of_unclaimed_names

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from prover.web.services import Services

logger = logging.getLogger(__name__)

REDIS_S = 5.0
"""Redis is asked so long whether it is there; if not, that is only mentioned."""


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port to listen on; 0 takes a free one.  [default: 8080]",
)
@click.option(
    "--workers", type=click.IntRange(0), metavar="N", help="Worker processes to run beside the API.  [default: 1]"
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for jobs and keys.  [default: PROVER_SERVE__DATA_DIR, else a folder of the user's]",
)
@environment_options
@click.pass_context
def serve(
    ctx: click.Context,
    host: str | None,
    port: int | None,
    workers: int | None,
    data_dir: Path | None,
    environment: str,
    settings: Settings,
) -> None:
    """Serve the REST API and the web page.

    Starts a worker, and a Redis unless PROVER_REDIS__URL is set. Accepted jobs survive the process: the next start
    finishes them. SIGTERM or Ctrl-C lets requests and jobs under way finish within their time limits; a second one
    returns the jobs to the queue at once. API and workers use the same proof assistant. Without API keys (see
    `prover key`), everyone who reaches the address may use it.

    \b
      prover serve
      prover serve --host 0.0.0.0 --port 80 --workers 4
      prover serve --environment lean-project --project ~/my-project
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    require("serve", "the service")
    if environment != "lean":  # without the embedded Lean jobs are taken all the same, see /readyz
        check_environment(environment, settings)
    given = {"host": host, "port": port, "workers": workers, "data_dir": data_dir}
    changed = settings.serve.model_copy(update={name: value for name, value in given.items() if value is not None})
    settings = settings.model_copy(update={"serve": changed})

    from prover.telemetry import set_up_logging

    set_up_logging(settings.log_level, settings.log_format)
    try:
        listening = socket.create_server((changed.host, changed.port), backlog=1024)
        # Inherited by every connection: the socket is ours, so asyncio does not set it, and answers would wait 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        show_error(f"cannot listen at {changed.host}:{changed.port}: {error.strerror}")
        ctx.exit(MACHINE_FAULT)
    run(lambda stop: _serve(settings, listening, stop))


async def _serve(settings: Settings, listening: socket.socket, stop: Stop) -> None:
    """Start everything, answer until told to end. What cannot work ends it before anything is announced."""
    from prover.assembly.service import open_clients, open_services
    from prover.web.app import create_app

    async with contextlib.AsyncExitStack() as stack:
        settings, where = await _with_redis(settings, stack)
        services = await stack.enter_async_context(open_services(settings))
        app = create_app(services, routers=await stack.enter_async_context(open_clients(settings)))
        address, port = listening.getsockname()[:2]
        if services.keys.empty and not _local(address):
            logger.warning("no API keys: everyone who reaches this address may use it (see `prover key`)")
        await _mention_missing_redis(services)

        def announce() -> None:
            text = (
                f"prover serves at http://{f'[{address}]' if ':' in address else address}:{port} "
                f"(REST: /docs); workers: {settings.serve.workers}; jobs in {where}"
            )
            if settings.log_format == "json":  # so is every line
                logger.info("%s", text)
            else:
                console.print(text, soft_wrap=True)

        warn_of_unclaimed_names()
        with stop.heeded(times=2):
            workers = Workers(_of_workers(settings), drain_s=settings.worker.drain_s)
            services.starting = workers.starting
            try:
                workers.start(settings.serve.workers)
                server = _server(app, drain_s=settings.serve.drain_s, announce=announce)
                await _answer(server, listening, stop, services, workers)
            finally:
                await workers.close(stop.again)


async def _with_redis(settings: Settings, stack: contextlib.AsyncExitStack) -> tuple[Settings, str]:
    """Return the settings with a Redis, and where it is in words; one is started if none is configured."""
    from prover.assembly.service import with_redis
    from prover.storage.embedded_server import EmbeddedRedis

    if settings.redis.url is not None:
        return settings, "your Redis"
    folder = settings.serve.data_dir / "redis"
    redis = EmbeddedRedis(folder, memory_mb=settings.redis.memory_mb)
    stack.push_async_callback(redis.close)
    await redis.start()
    return with_redis(settings, redis.url), f"{folder} ({redis.server})"


async def _mention_missing_redis(services: Services) -> None:
    """Jobs cannot be taken without Redis, but it may come later, and then everything works."""
    try:
        async with asyncio.timeout(REDIS_S):
            await services.store.connection.ping()
    except (StoreError, TimeoutError) as error:
        reason = str(error) or f"Redis does not answer within {REDIS_S:.0f} s"
        logger.warning("%s; until it can be used, requests get 503 (PROVER_REDIS__URL)", reason)


def _of_workers(settings: Settings) -> dict[str, str]:
    """Return the process environment of the workers, which have the settings of this process."""
    assert settings.redis.url is not None  # filled in before
    given = {
        "PROVER_REDIS__URL": settings.redis.url.get_secret_value(),
        "PROVER_SERVE__DATA_DIR": str(settings.serve.data_dir),
        "PROVER_ENVIRONMENT": settings.environment,
    }
    if settings.lean.project is not None:
        given["PROVER_LEAN__PROJECT"] = str(settings.lean.project)
    return os.environ | given


def _server(app: FastAPI, *, drain_s: float, announce: Callable[[], None]) -> uvicorn.Server:
    """Return the server; `announce` is called when it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # `run` has them

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce()

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(drain_s)),
    )
    return Server(config)


async def _answer(
    server: uvicorn.Server, listening: socket.socket, stop: Stop, services: Services, workers: Workers
) -> None:
    """Answer requests until `stop`; then let those under way end, while the workers hand on what they have."""
    answering = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopping, hurrying = (asyncio.ensure_future(event.wait()) for event in (stop, stop.again))
    try:
        await asyncio.wait({answering, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("ending: jobs under way get up to %g s; Ctrl-C again hands them on now", workers.drain_s)
        workers.drain()
        services.draining.set()
        server.should_exit = True
        await asyncio.wait({answering, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        server.force_exit = stop.again.is_set()
        await answering
    finally:
        stopping.cancel()
        hurrying.cancel()


def _local(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback
