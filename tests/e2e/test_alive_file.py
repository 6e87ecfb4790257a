"""A worker touches a file whenever it has reached Redis, and only then: a health check without a connection."""

from __future__ import annotations

import asyncio
from pathlib import Path

from prover.jobs.queue import JobQueue
from prover.jobs.worker import Worker
from prover.storage.connection import RedisConnection
from tests.conftest import HUNG_S
from tests.e2e.redis_server import RedisServer
from tests.e2e.slow_toy import toy_context


async def test_worker_shows_that_it_reaches_redis(shared_redis: RedisServer, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "alive"
    for url, reached in (("redis://127.0.0.1:9/0", False), (shared_redis.url, True)):
        queue = JobQueue(RedisConnection(url, namespace=namespace, retries=0), lease_s=5, attempts=3)
        worker = Worker(queue, toy_context(), drain_s=0, alive_file=file)
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(HUNG_S):
            while reached and not file.exists():  # noqa: ASYNC110  # as a health check, which looks now and then
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert file.exists() is reached
        worker.drain()
        await running
        await queue.close()
