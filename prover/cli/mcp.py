"""`prover mcp`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from prover.assembly.environments import check_environment, open_environment
from prover.assembly.policies import open_policy
from prover.cli.options.model import policy_options
from prover.cli.run import Stop, run
from prover.errors import MissingExtraError
from prover.settings import Settings

if TYPE_CHECKING:
    from prover.mcp.service import ProvingService

LOOPBACK = "127.0.0.1"


@click.command()
@click.option(
    "--url", metavar="URL", help="Use a running `prover serve`.  [default: PROVER_REMOTE__URL, else this process]"
)
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve at http://127.0.0.1:PORT/mcp instead of standard input and output.",
)
@policy_options
def mcp(url: str | None, port: int | None, policy_name: str | None, settings: Settings) -> None:
    """Serve the prover's tools over the Model Context Protocol.

    Clients such as editors start this command and speak to it over standard input and output; --http serves clients on
    this machine instead. With --url, PROVER_REMOTE__API_KEY is the API key of that service.

    \b
      prover mcp
      prover mcp --http 9000 --url http://localhost:8080
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    try:
        from prover.mcp.server import create_server
    except ImportError as error:
        raise MissingExtraError("mcp", "`prover mcp`") from error

    async def work(cancel: Stop) -> None:
        async with _service(url or settings.remote.url, policy_name, settings) as service:
            server = create_server(service)
            if port is None:
                serving = asyncio.create_task(server.run_stdio_async())
            else:
                click.echo(f"serving at http://{LOOPBACK}:{port}/mcp", err=True)
                serving = asyncio.create_task(server.run_streamable_http_async(host=LOOPBACK, port=port))
            waiting = asyncio.create_task(cancel.wait())
            with cancel.heeded():
                await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if cancel.is_set():
                serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    run(work)


@asynccontextmanager
async def _service(url: str | None, policy_name: str | None, settings: Settings) -> AsyncIterator[ProvingService]:
    if url is not None:
        from prover.mcp.rest import RestService

        key = settings.remote.api_key
        async with RestService(url, api_key=key.get_secret_value() if key else None) as remote:
            yield remote
        return
    from prover.mcp.in_process import InProcess

    check_environment(settings.environment, settings)
    environment = open_environment(settings.environment, settings)
    try:
        opening = open_policy(policy_name, settings, without_model=True, environment=settings.environment)
        async with opening as policy:
            service = InProcess(environment, policy, verify_timeout_s=settings.verify_timeout_s)
            try:
                yield service
            finally:
                await service.close()
    finally:
        await environment.close()
