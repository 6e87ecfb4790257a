"""A model that is away fails no job: the default goes on without it, what needs it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from prover.core.proof_state import ProofState
from prover.errors import ModelUnavailableError
from prover.jobs.job import JobStatus
from prover.jobs.queue import JobQueue
from prover.jobs.store import JobStore
from prover.jobs.worker import Worker
from prover.policies.generator import Proposal, TacticGenerator
from prover.policies.scripted import ScriptedPolicy
from prover.storage.connection import RedisConnection
from tests.e2e.conftest import serving
from tests.e2e.redis_server import RedisServer
from tests.e2e.slow_toy import COUNT, toy_context
from tests.e2e.test_faults import ended, names_of_events, submit, task

TIMES = 5  # more than the attempts that a job has
ATTEMPTS = 2


class AwayAtFirst:
    """A model's policy: its server answers from the call after `times` on."""

    identity, reproducible = "model", True

    def __init__(self, times: int) -> None:
        self.left = times
        self.tactics = ScriptedPolicy(COUNT.split(";;"))

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        if self.left:
            self.left -= 1
            raise ModelUnavailableError("no model server answers; is it running?")
        return await self.tactics.propose(states, n=n, seed=seed, tried=tried)


async def test_job_that_needs_the_model_waits_and_loses_no_attempt(
    connection: RedisConnection, store: JobStore, namespace: str, shared_redis: RedisServer
) -> None:
    generator: TacticGenerator = AwayAtFirst(TIMES)

    async def policy(_: str | None) -> TacticGenerator:
        return generator

    context = replace(toy_context(), policy=policy)
    queue = JobQueue(RedisConnection(shared_redis.url, namespace=namespace), lease_s=5, attempts=ATTEMPTS)
    worker = Worker(queue, context, retry_s=0.01, drain_s=0)
    running = asyncio.create_task(worker.run())
    job_id = await submit(store, task(events=True))
    job = await ended(store, job_id)
    worker.drain()
    await running
    await queue.close()
    assert job.status is JobStatus.COMPLETED
    assert job.record is not None
    assert job.record.proved
    assert job.attempt == 1
    assert (await names_of_events(store, job_id)).count("queued") == 1 + TIMES


async def test_readiness_names_a_model_that_is_away(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace) as api:
        assert "model" not in (await api.client.get("/readyz")).json()["dependencies"]

    async def away() -> str | None:
        return "no model server answers at http://gpu:8000"

    async with serving(shared_redis.url, namespace, check_model=away) as api:
        response = await api.client.get("/readyz")
        model = response.json()["dependencies"]["model"]
        assert response.status_code == 200  # jobs are taken and go on
        assert not model["ok"]
        assert not model["needed"]
        assert "http://gpu:8000" in model["detail"]
