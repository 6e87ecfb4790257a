"""`prover serve`."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from prover.cli.environment import environment_options
from prover.cli.exits import MACHINE_FAULT
from prover.cli.run import needs_service, run
from prover.cli.show import console, show_error
from prover.settings import Settings
from prover.wiring import check_environment

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S = 5.0
STEADY_S = 60.0
"""A worker that ran for so long is started again at once."""


@click.command()
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at; 0: any free one.  [default: 8080]")
@click.option("--workers", type=click.IntRange(0), help="Worker processes beside the API.  [default: 1]")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where jobs are kept.")
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
    """Serve the REST interface and the page, with a worker and (unless PROVER_REDIS__URL is set) a Redis.

    Everything that was accepted is finished by the next start if this one ends, however it ends. A service has one
    proof assistant; its worker has the same.

    \b
      prover serve
      prover serve --environment lean-project --project ~/my-project
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    needs_service()
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


async def _serve(settings: Settings, listening: socket.socket, stop: asyncio.Event) -> None:
    from prover.jobs.embedded import EmbeddedRedis
    from prover.service import with_redis

    async with contextlib.AsyncExitStack() as stack:
        where = "your Redis"
        if settings.redis.url is None:
            folder = settings.serve.data_dir / "redis"
            redis = EmbeddedRedis(folder, memory_mb=settings.redis.memory_mb)
            await redis.start()
            stack.push_async_callback(redis.close)
            settings, where = with_redis(settings, redis.url), f"{folder} ({redis.server})"
        workers = _Workers(settings)
        stack.push_async_callback(workers.close)
        workers.start(settings.serve.workers)
        address, port = listening.getsockname()[:2]
        console.print(
            f"prover serves at http://{f'[{address}]' if ':' in address else address}:{port} "
            f"(REST: /docs); {settings.serve.workers} workers; jobs in {where}",
            soft_wrap=True,
        )
        await _answer(settings, listening, stop, workers)


async def _answer(settings: Settings, listening: socket.socket, stop: asyncio.Event, workers: _Workers) -> None:
    """Answer requests until `stop`; then let those under way end, while the workers hand on what they have."""
    import uvicorn

    from prover.service import open_clients, open_services
    from prover.web.app import create_app

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # `run` has them

    async with open_services(settings) as services, open_clients(settings) as clients:
        if services.keys.empty and not _local(listening.getsockname()[0]):
            logger.warning("everybody who reaches this address may use it: see `prover key`")
        config = uvicorn.Config(
            create_app(services, routers=clients),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(settings.serve.drain_s)),
        )
        server = Server(config)
        answering = asyncio.ensure_future(server.serve(sockets=[listening]))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({answering, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("ending: requests and jobs under way get their time")
        workers.drain()
        services.draining.set()
        server.should_exit = True
        await answering
        stopping.cancel()


def _local(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


class _Workers:
    """Worker processes; one that ends is started again."""

    def __init__(self, settings: Settings) -> None:
        assert settings.redis.url is not None  # filled in before
        self._environment = os.environ | {
            "PROVER_REDIS__URL": settings.redis.url.get_secret_value(),
            "PROVER_SERVE__DATA_DIR": str(settings.serve.data_dir),
            "PROVER_ENVIRONMENT": settings.environment,
        }
        if settings.lean.project is not None:
            self._environment["PROVER_LEAN__PROJECT"] = str(settings.lean.project)
        self._patience_s = settings.worker.drain_s + 15.0
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._draining = False

    def start(self, count: int) -> None:
        """Start so many."""
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(count)]

    def drain(self) -> None:
        """Tell all to end."""
        self._draining = True
        for process in self._running.values():
            if process.returncode is None:
                process.terminate()

    async def close(self) -> None:
        """Wait for all to end; who takes too long is killed, and the job goes to another."""
        self.drain()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._patience_s)
            for process in self._running.values():
                if process.returncode is None:
                    process.kill()
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, number: int) -> None:
        from prover.jobs.embedded import ends_with_parent

        pause_s = 0.0
        while not self._draining:
            started = time.monotonic()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "prover", "worker"),
                env=self._environment,
                process_group=0,  # Ctrl-C is for us; the same session, see lean_wasm/process.py
                preexec_fn=lambda: ends_with_parent(signal.SIGTERM),
            )
            self._running[number] = process
            status = await process.wait()
            if self._draining:
                return
            steady = time.monotonic() - started > STEADY_S
            pause_s = 0.0 if steady else min(LONGEST_PAUSE_S, 2 * pause_s + 0.5)
            logger.error("a worker ended (status %d); another starts in %.1f s", status, pause_s)
            await asyncio.sleep(pause_s)
