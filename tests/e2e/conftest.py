"""Real Redis, real HTTP, real workers; the proof assistant of most tests is the toy, which is exact and quick."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import APIRouter

from prover.assembly.service import request_limits
from prover.environments.cached import CachedEnvironment
from prover.environments.toy import ToyEnvironment
from prover.jobs.attempt import AttemptContext
from prover.jobs.queue import JobQueue
from prover.jobs.store import JobStore, StoreLimits
from prover.jobs.worker import Worker
from prover.policies.generator import TacticGenerator
from prover.settings import ServeSettings
from prover.storage.accepted_proofs import ProofCache
from prover.storage.connection import RedisConnection
from prover.storage.redis_cache import RedisCache
from prover.web.app import create_app
from prover.web.keys import ApiKey, KeyRing
from prover.web.services import Services
from tests.conftest import HUNG_S, ROOT
from tests.e2e.redis_server import RedisServer
from tests.e2e.slow_toy import SlowToy, policy

SECRET = b"the tests' own secret"


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> str:
    """Keys of its own for each test."""
    return "".join(character for character in request.node.name if character.isalnum())


@pytest.fixture
async def connection(shared_redis: RedisServer, namespace: str) -> AsyncIterator[RedisConnection]:
    connection = RedisConnection(shared_redis.url, namespace=namespace)
    yield connection
    await connection.close()


@pytest.fixture
async def store(connection: RedisConnection) -> AsyncIterator[JobStore]:
    store = JobStore(connection)
    yield store
    await store.notifications.close()


class WorkerProcess:
    """A worker that is a process, see slow_toy."""

    def __init__(self, url: str, *, lease_s: float = 1.0, attempts: int = 3) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.slow_toy", url, str(lease_s), str(attempts)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def end(self) -> None:
        self.process.terminate()
        self._ended()

    def died(self) -> None:
        """It ends by itself."""
        self._ended()

    def _ended(self) -> None:
        self.process.wait(timeout=HUNG_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(own_redis: RedisServer) -> Iterator[StartWorker]:
    """Starts worker processes on `own_redis`; none outlives its test."""
    started: list[WorkerProcess] = []

    def start(**options: Any) -> WorkerProcess:
        started.append(WorkerProcess(own_redis.url, **options))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@dataclass
class Api:
    """A service that answers on a port, as a client sees it."""

    client: httpx.AsyncClient
    services: Services
    url: str

    async def prove(self, target: int = 3, **members: Any) -> httpx.Response:
        wait_s = members.pop("wait_s", 60)
        body = {"theorem": f"theorem t : 0 to {target}", "policy": "scripted:add 1;;done", **members}
        return await self.client.post("/v1/proofs", json=body, params={"wait_s": wait_s})


@asynccontextmanager
async def serving(
    url: str,
    namespace: str,
    *,
    serve: dict[str, Any] | None = None,
    keys: tuple[ApiKey, ...] = (),
    workers: int = 1,
    reverified: float = 0.0,
    routers: tuple[APIRouter, ...] = (),
    policy: Callable[[str | None], Awaitable[TacticGenerator]] = policy,
    check_model: Callable[[], Awaitable[str | None]] | None = None,
) -> AsyncIterator[Api]:
    settings = ServeSettings(port=0, **(serve or {}))
    limits = StoreLimits(max_queued=settings.max_queued)
    cache = RedisCache(RedisConnection(url, namespace=namespace, retries=1), ttl_s=60, entry_bytes=100_000)
    proofs = ProofCache(cache, SECRET)
    services = Services(
        store=JobStore(RedisConnection(url, namespace=namespace), limits),
        proofs=proofs,
        environment=ToyEnvironment(),
        environment_name="lean",
        keys=KeyRing(keys),
        check_environment=lambda: None,
        check_model=check_model,
        limits=request_limits(settings),
        cors_origins=settings.cors_origins,
        verify_timeout_s=300.0,
        reverified=reverified,
    )
    context = AttemptContext(lambda: CachedEnvironment(SlowToy(), cache), policy, proofs, 5.0, reverified)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(services.store.close)
        stack.push_async_callback(cache.close)
        for _ in range(workers):
            queue = JobQueue(RedisConnection(url, namespace=namespace), limits, lease_s=5, attempts=3)
            worker = Worker(queue, context, concurrency=4, retry_s=0.05, drain_s=0)
            running = asyncio.create_task(worker.run())
            stack.push_async_callback(queue.close)
            stack.push_async_callback(_drained, worker, running)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(services, routers=routers),
                port=0,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=10,
            )
        )
        server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
        answering = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=HUNG_S))
        try:
            yield Api(client, services, address)
        finally:
            services.draining.set()
            server.should_exit = True
            await answering


async def _drained(worker: Worker, running: asyncio.Task[None]) -> None:
    worker.drain()
    await asyncio.wait_for(running, HUNG_S)


@pytest.fixture
async def api(shared_redis: RedisServer, namespace: str) -> AsyncIterator[Api]:
    async with serving(shared_redis.url, namespace) as api:
        yield api


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server
