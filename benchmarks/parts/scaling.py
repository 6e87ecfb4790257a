"""Scaling: tactics per second of two workers against one."""

from __future__ import annotations

import asyncio
import random
import time

from benchmarks.parts.options import Options
from benchmarks.parts.workload import KINDS, Place, all_places, search_process
from benchmarks.report import Findings, Row
from prover.environments.lean_wasm.process import LeanProcess

ROUNDS = 5
TACTICS = 1000  # a worker and round
WORKERS = 2
FACTOR = 1.8


def measure_scaling(options: Options) -> Findings:
    """Measure one worker and two in turn, so that whatever else the machine does hits both alike."""
    rows = asyncio.run(_measure(options))
    for row in rows:
        options.say(f"{row.what}: {row.measured}")
    return Findings(rows, [f"{TACTICS // (10 if options.quick else 1)} mixed tactics a worker and round"])


async def _measure(options: Options) -> list[Row]:
    processes: list[LeanProcess] = []
    count = options.times(TACTICS)
    try:
        processes += [await search_process(options.installation) for _ in range(WORKERS)]
        workers = [await all_places(process) for process in processes]
        work = random.Random(options.seed).choices(
            [(i, kind) for i in range(len(workers[0])) for kind in KINDS], k=count
        )
        for worker in workers:
            await _run(worker, work)  # warm-up
        one: list[float] = []
        two: list[float] = []
        for turn in range(options.times(ROUNDS)):
            # Which of the processes runs alone alternates: they need not be equally fast.
            one.append(await _per_second([workers[turn % WORKERS]], work))
            two.append(await _per_second(workers, work))
    finally:
        await asyncio.gather(*(process.close() for process in processes))
    factors = tuple(b / a for a, b in zip(one, two, strict=True))
    return [
        Row("one worker", tuple(one), "tactics/s", digits=0),
        Row("two workers", tuple(two), "tactics/s", digits=0),
        Row("two workers against one", factors, "times", FACTOR, better="higher"),
    ]


async def _per_second(workers: list[list[Place]], work: list[tuple[int, str]]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(_run(worker, work) for worker in workers))
    return len(workers) * len(work) / (time.perf_counter() - started)


async def _run(worker: list[Place], work: list[tuple[int, str]]) -> None:
    for number, tactic in work:
        await worker[number].attempt(tactic)
