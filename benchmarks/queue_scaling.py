"""The real queue under simulated workers: how much of their time it takes, and where it would become a bottleneck.

python -m benchmarks.queue_scaling [--workers 1000] [--seconds 30] [--quick]

Redis, its scripts, the store and the queue's client are those of the service. Only proving is replaced by a sleep as
long as a recorded theorem took, in random order. All workers share one event loop, so what their clients cost each
other counts as overhead of the queue: the figures are upper bounds for workers on separate machines.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks.report import RESULTS, Report, Row
from prover.bench.conditions import hardware
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.jobs.batches import BatchUpload, queue_batches
from prover.jobs.job import ProofTask
from prover.jobs.queue import JobQueue
from prover.jobs.store import JobStore
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.storage.connection import RedisConnection
from prover.storage.embedded_server import EmbeddedRedis

TIMES = Path(__file__).with_name("recorded_times.json")
LEASE_S = 20.0  # the workers' default
RENEW_S = LEASE_S / 3


@dataclass(slots=True)
class Seen:
    """What simulated workers observed. Spans are (start, end) of proving, in seconds of the monotonic clock."""

    spans: list[list[tuple[float, float]]] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    first_claims: list[float] = field(default_factory=list)
    reports: list[float] = field(default_factory=list)
    lost: int = 0
    end: float = 0.0


async def simulated_worker(number: int, queue: JobQueue, times: list[float], record: ProofRecord, seen: Seen) -> None:
    """Claim, sleep, renew, report, until told to stop."""
    chance = random.Random(number)
    while time.monotonic() < seen.end:
        started = time.monotonic()
        claim = await queue.claim(f"simulated:{number}")
        if claim is None:
            return
        began = time.monotonic()
        (seen.claims if seen.spans[number] else seen.first_claims).append(began - started)
        left = chance.choice(times)
        while left > 0:
            pause = min(left, RENEW_S)
            await asyncio.sleep(pause)
            left -= pause
            if left > 0:
                await queue.renew([claim])
        ended = time.monotonic()
        if not await queue.complete(claim, record, cached=False, cancelled=False, sums={"expansions": 1.0}):
            seen.lost += 1
        seen.reports.append(time.monotonic() - ended)
        seen.spans[number].append((began, ended))


async def simulate(workers: int, seconds: float, times: list[float]) -> dict[str, float]:
    """Run so many workers on a queue that never empties; return the measurements."""
    record = await prove_theorem(
        Theorem.from_text("theorem simulated : 0 to 4"),
        environment=ToyEnvironment(),
        generator=ScriptedPolicy(["add 4", "done"]),
        budget=SearchBudget(),
    )
    mean = statistics.mean(times)
    with tempfile.TemporaryDirectory() as folder:
        redis = EmbeddedRedis(Path(folder), memory_mb=1024)
        await redis.start()
        connection = RedisConnection(redis.url)
        # Real worker processes have their own connections; here they share large pools.
        pools = [RedisConnection(redis.url) for _ in range(1 + workers // 400)]
        try:
            store = JobStore(connection)
            jobs = round(workers * (seconds / mean + 3))
            async with BatchUpload(store, owner="benchmark", priority=5) as upload:
                for start in range(0, jobs, 100):
                    some = range(start, min(start + 100, jobs))
                    await upload.add([(ProofTask(text=f"theorem t{i} : 0 to 4", events=False), None) for i in some])
                await upload.seal(name="simulated", idempotency_key=None, max_open=0)
            await queue_batches(store.connection, store.limits)
            queues = [JobQueue(pool, lease_s=LEASE_S, attempts=3) for pool in pools]
            seen = Seen(spans=[[] for _ in range(workers)], end=time.monotonic() + seconds)
            before = await _server(connection)
            started = time.monotonic()
            async with asyncio.TaskGroup() as group:
                for number in range(workers):
                    group.create_task(simulated_worker(number, queues[number % len(queues)], times, record, seen))
            took, after = time.monotonic() - started, await _server(connection)
        finally:
            for pool in (connection, *pools):
                await pool.close()
            await redis.close()
    done = sum(map(len, seen.spans))
    return {
        "jobs": done,
        "jobs_per_s": done / took,
        "overhead": _overhead(seen),
        "claim_p50_ms": 1000 * statistics.median(seen.claims),
        "claim_p99_ms": 1000 * statistics.quantiles(seen.claims, n=100)[98],
        "first_claim_s": max(seen.first_claims),
        "report_p50_ms": 1000 * statistics.median(seen.reports),
        "redis_cpu_share": (after["cpu_s"] - before["cpu_s"]) / took,
        "redis_ms_per_job": 1000 * (after["cpu_s"] - before["cpu_s"]) / done,
        "redis_calls_per_job": (after["calls"] - before["calls"]) / done,
        "lost": seen.lost,
    }


def _overhead(seen: Seen) -> float:
    """Return the share of the workers' time between their first and last job in which they did not prove."""
    proving = whole = 0.0
    for spans in seen.spans:
        if len(spans) > 1:
            whole += spans[-1][1] - spans[0][0]
            proving += sum(end - start for start, end in spans)
    return 1 - proving / whole if whole else 0.0


async def _server(connection: RedisConnection) -> dict[str, float]:
    info: dict[str, Any] = await connection.client.info("all")
    calls = sum(stats["calls"] for name, stats in info.items() if name in {"cmdstat_evalsha", "cmdstat_eval"})
    return {"cpu_s": info["used_cpu_user"] + info["used_cpu_sys"], "calls": calls}


def rows(workers: int, found: dict[str, float]) -> list[Row]:
    """Return the figures of one size."""
    name = f"{workers} workers"
    return [
        Row(f"{name}: share of their time that the queue takes", (100 * found["overhead"],), "%", 2.0),
        Row(f"{name}: jobs a second", (found["jobs_per_s"],), "", digits=1),
        Row(f"{name}: claim, median", (found["claim_p50_ms"],), "ms"),
        Row(f"{name}: claim, 99 in 100", (found["claim_p99_ms"],), "ms"),
        Row(f"{name}: all have begun after", (found["first_claim_s"],), "s"),
        Row(f"{name}: report, median", (found["report_p50_ms"],), "ms"),
        Row(f"{name}: Redis, share of one core", (100 * found["redis_cpu_share"],), "%", 50.0),
        Row(f"{name}: Redis, processor time a job", (found["redis_ms_per_job"],), "ms"),
        Row(f"{name}: scripts run a job", (found["redis_calls_per_job"],), ""),
        Row(f"{name}: jobs lost", (found["lost"],), "", 0.0, digits=0),
    ]


@click.command()
@click.option("--workers", "sizes", multiple=True, type=click.IntRange(1), help="How many; repeatable.")
@click.option("--seconds", type=click.FloatRange(1), default=30.0, show_default=True, help="Of each size.")
@click.option("--quick", is_flag=True, help="20 workers for two seconds, with times a tenth as long.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, show_default=True)
def main(sizes: tuple[int, ...], seconds: float, quick: bool, output: Path) -> None:
    """Measure, print, and write the results."""
    machine = hardware()
    times = json.loads(TIMES.read_text())["seconds"]
    if quick:
        sizes, seconds, times = (20,), 2.0, [value / 10 for value in times]
    measured: list[Row] = []
    for workers in sizes or (10, 100, 1000):
        measured += rows(workers, asyncio.run(simulate(workers, seconds, times)))
    report = Report(
        name=f"queue-scaling{'-quick' if quick else ''}",
        command="python -m benchmarks.queue_scaling" + (" --quick" if quick else ""),
        seed=0,
        budget={"seconds": seconds, "mean_task_s": round(statistics.mean(times), 2)},
        hardware=machine,
        rows=measured,
        notes=["proving is simulated by sleeping as long as recorded theorems took; all workers share one event loop"],
    )
    Console(width=150).print(report.markdown())
    report.save(output)


if __name__ == "__main__":
    main()
