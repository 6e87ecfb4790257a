"""A job that was accepted is finished or reported, once, whatever is killed: real processes, a real Redis."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.record import ProofRecord
from prover.environments.toy import ToyEnvironment
from prover.errors import StoreError, TooBusyError
from prover.jobs.job import Job, JobStatus, ProofTask
from prover.jobs.queue import JobQueue
from prover.jobs.store import JobStore, StoreLimits
from prover.jobs.worker import delay_before_retry
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.storage.connection import RedisConnection
from tests.conftest import HUNG_S
from tests.e2e.conftest import StartWorker
from tests.e2e.redis_server import RedisServer


def task(number: int = 0, *, policy: str = "add 1;;done", target: int = 3, events: bool = True) -> ProofTask:
    return ProofTask(text=f"theorem t{number} : 0 to {target}", policy=f"scripted:{policy}", events=events)


async def submit(store: JobStore, what: ProofTask, priority: int = 5) -> str:
    job_id, new = await store.submit(what, owner="me", priority=priority)
    assert new
    return job_id


async def ended(store: JobStore, job_id: str) -> Job:
    job = await store.wait(job_id, timeout_s=HUNG_S)
    assert job.status.ended, job
    return job


async def until_running(store: JobStore, job_id: str) -> None:
    async for event in store.follow(job_id, None):
        if event is not None and event.event == "started":
            return


async def names_of_events(store: JobStore, job_id: str) -> list[str]:
    return [event.event async for event in store.follow(job_id, None) if event is not None]


@pytest.fixture
async def own_store(own_redis: RedisServer) -> AsyncIterator[JobStore]:
    store = JobStore(RedisConnection(own_redis.url))
    yield store
    await store.close()


async def test_job_of_a_killed_worker_is_done_by_another(own_store: JobStore, start_worker: StartWorker) -> None:
    first = start_worker()
    slow = await submit(own_store, task(policy="sleep 1.5;;add 1;;done", target=1))
    await until_running(own_store, slow)
    first.kill()
    start_worker()
    job = await ended(own_store, slow)
    assert job.proved
    assert job.attempt == 2
    events = await names_of_events(own_store, slow)
    assert events.count("started") == 2
    assert events.count("finished") == 1


async def test_theorem_that_kills_its_workers_fails_and_says_so(own_store: JobStore, start_worker: StartWorker) -> None:
    poison = await submit(own_store, task(policy="die"), priority=9)
    harmless = await submit(own_store, task(1))
    for _ in range(2):
        worker = start_worker(attempts=2)
        await asyncio.to_thread(worker.died)
    start_worker(attempts=2)
    job = await ended(own_store, poison)
    assert (await ended(own_store, harmless)).proved
    assert job.status is JobStatus.FAILED
    assert job.failure is not None
    assert (job.failure.kind, job.attempt) == ("worker_lost", 2)
    assert "2 times" in job.failure.reason


async def test_machine_that_fails_is_tried_again_so_often_and_no_more(
    own_store: JobStore, start_worker: StartWorker
) -> None:
    start_worker()
    job = await ended(own_store, await submit(own_store, task(policy="crash")))
    assert job.status is JobStatus.FAILED
    assert job.failure is not None
    assert job.failure.kind == "machine"
    assert "the toy crashed" in job.failure.reason
    assert job.attempt == 3


async def test_accepted_jobs_survive_the_kill_of_redis(
    own_redis: RedisServer, own_store: JobStore, start_worker: StartWorker
) -> None:
    jobs = [await submit(own_store, task(number)) for number in range(50)]
    running = await submit(own_store, task(99, policy="sleep 1;;add 1;;done", target=1), priority=9)
    start_worker()
    await until_running(own_store, running)
    own_redis.kill()
    with pytest.raises(StoreError):
        await own_store.get(running)
    own_redis.start()
    assert all([(await ended(own_store, job_id)).proved for job_id in [running, *jobs]])


async def test_worker_that_is_told_to_end_hands_its_job_on(own_store: JobStore, start_worker: StartWorker) -> None:
    first = start_worker(lease_s=30)
    job_id = await submit(own_store, task(policy="sleep 2;;add 1;;done", target=1))
    await until_running(own_store, job_id)
    first.end()
    job = await own_store.get(job_id)
    assert (job.status, job.attempt) == (JobStatus.QUEUED, 0)
    start_worker(lease_s=30)
    job = await ended(own_store, job_id)
    assert (job.proved, job.attempt) == (True, 1)


async def test_kill_storm_loses_nothing_and_finishes_nothing_twice(
    own_redis: RedisServer,
    own_store: JobStore,
    start_worker: StartWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLOW_TOY_LOG", str(tmp_path / "begun"))
    jobs = [
        await submit(own_store, task(number, policy="sleep 0.05;;add 1;;done", target=1, events=False))
        for number in range(100)
    ]
    chance = random.Random(0)
    workers = [start_worker(attempts=100) for _ in range(2)]
    for storm in range(5):
        await asyncio.sleep(chance.uniform(0.2, 0.5))
        if storm == 2:
            own_redis.kill()
            own_redis.start()
        else:
            place = chance.randrange(2)
            workers[place].kill()
            workers[place] = start_worker(attempts=100)
    results = [await ended(own_store, job_id) for job_id in jobs]
    assert all(job.proved for job in results)
    for job_id in jobs:
        assert (await names_of_events(own_store, job_id)).count("finished") == 1
    begun = Counter((tmp_path / "begun").read_text().split())
    repeated = sum(count - 1 for count in begun.values())
    assert len(begun) == 100
    assert repeated <= 5 * 4  # what was under way when a worker was killed, and nothing else


async def test_worker_that_lost_its_job_cannot_end_it(connection: RedisConnection, store: JobStore) -> None:
    queue = JobQueue(connection, lease_s=0.05, attempts=5)
    job_id = await submit(store, task())
    first = await queue.claim("first")
    assert first is not None
    await asyncio.sleep(0.1)
    await queue.upkeep("second")
    second = await queue.claim("second")
    assert second is not None
    record = await proved_record()
    assert not await queue.complete(first, record, cached=False, cancelled=False, sums={})
    assert (await store.get(job_id)).status is JobStatus.RUNNING
    assert await queue.complete(second, record, cached=False, cancelled=False, sums={})
    assert await queue.complete(second, record, cached=False, cancelled=False, sums={})  # sent twice: nothing happens
    assert not await queue.complete(first, record, cached=False, cancelled=False, sums={})
    assert (await names_of_events(store, job_id)).count("finished") == 1


async def test_full_queue_refuses(connection: RedisConnection) -> None:
    store = JobStore(connection, StoreLimits(max_queued=2))
    for number in range(2):
        await submit(store, task(number))
    with pytest.raises(TooBusyError) as refused:
        await submit(store, task(3))
    assert refused.value.retry_after_s > 0


async def test_higher_priority_goes_first_and_equal_ones_in_order(connection: RedisConnection, store: JobStore) -> None:
    queue = JobQueue(connection, lease_s=5, attempts=3)
    ids = [await submit(store, task(number), priority) for number, priority in enumerate((3, 9, 3, 0, 9))]
    claims = [await queue.claim("w") for _ in ids]
    assert [claim and ids.index(claim.id) for claim in claims] == [1, 4, 0, 2, 3]


async def test_ended_jobs_are_forgotten_in_time(connection: RedisConnection) -> None:
    limits = StoreLimits(retention_s=0.05)
    store, queue = JobStore(connection, limits), JobQueue(connection, limits, lease_s=5, attempts=3)
    job_id = await submit(store, task())
    claim = await queue.claim("w")
    assert claim is not None
    await queue.complete(claim, await proved_record(), cached=False, cancelled=False, sums={})
    assert (await store.get(job_id)).proved
    await asyncio.sleep(0.1)
    await queue.upkeep("w")
    left = [key async for key in connection.client.scan_iter(f"{connection.prefix}*{job_id}*")]
    assert left == []
    assert await connection.client.zcard(connection.key("index", "*")) == 0


async def proved_record() -> ProofRecord:
    work = prove_theorem(task().theorem(), environment=ToyEnvironment(), generator=ScriptedPolicy(["add 1", "done"]))
    return await work


def test_delays_after_machine_faults_grow_up_to_a_minute() -> None:
    assert [delay_before_retry(attempt, 5.0) for attempt in (1, 2, 3, 5, 50, 10**6)] == [5, 10, 20, 60, 60, 60]
    assert delay_before_retry(3, 0.0) == 0
