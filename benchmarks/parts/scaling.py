"""Scaling: tactics per second of two workers against one."""

from __future__ import annotations

import asyncio
import random
import sys
import time

import psutil

from benchmarks.parts.options import TACTIC_TIMEOUT_S, Options
from benchmarks.parts.workload import KINDS, Place, all_places, search_process
from benchmarks.report import Findings, Row
from prover.core.proof_state import Advanced
from prover.environments.lean_wasm.process import LeanProcess

ROUNDS = 5
TACTICS = 1000  # per worker and round
WARM_UPS = 5  # until then V8 compiles on further threads, which costs two workers more than one
WORKERS = 2
BATCH = 16
FACTOR = 1.8
LOOP = """
import time
end = time.perf_counter() + 2
n = 0
while time.perf_counter() < end:
    n += 1
print(n)
"""


def measure_scaling(options: Options) -> Findings:
    """Measure one worker and two in turn, so that other load affects both alike."""
    rows = asyncio.run(_measure(options))
    for row in rows:
        options.say(f"{row.what}: {row.measured}")
    notes = [
        f"{options.times(TACTICS)} mixed tactics a worker and round",
        "the machine itself: the same for empty loops, in turn with the rounds; cores that share hardware or that "
        "others use give less than 2, and no workers can scale better",
    ]
    return Findings(rows, notes)


async def _measure(options: Options) -> list[Row]:
    processes: list[LeanProcess] = []
    count = options.times(TACTICS)
    try:
        processes += [await search_process(options.installation) for _ in range(WORKERS)]
        workers = [await all_places(process) for process in processes]
        work = random.Random(options.seed).choices(
            [(i, kind) for i in range(len(workers[0])) for kind in KINDS], k=count
        )
        for _ in range(options.times(WARM_UPS)):
            await asyncio.gather(*(_run(worker, work) for worker in workers))
        one: list[float] = []
        two: list[float] = []
        machine: list[float] = []
        busy: list[float] = []
        for turn in range(options.times(ROUNDS)):
            # The process that runs alone alternates, because they may differ in speed.
            before, started = _cpu_s(), time.perf_counter()
            one.append(await _per_second([workers[turn % WORKERS]], work))
            busy.append((_cpu_s() - before) / (time.perf_counter() - started))
            two.append(await _per_second(workers, work))
            machine.append(await loops_per_second(WORKERS) / await loops_per_second(1))
    finally:
        await asyncio.gather(*(process.close() for process in processes))
    factors = tuple(b / a for a, b in zip(one, two, strict=True))
    return [
        Row("one worker", tuple(one), "tactics/s", digits=0),
        Row("two workers", tuple(two), "tactics/s", digits=0),
        Row("two workers against one", factors, "times", FACTOR, better="higher"),
        Row("cores that one worker keeps busy", tuple(busy), "cores"),
        Row("the machine itself: two empty loops against one", tuple(machine), "times", better="higher"),
    ]


async def _per_second(workers: list[list[Place]], work: list[tuple[int, str]]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(_run(worker, work) for worker in workers))
    return len(workers) * len(work) / (time.perf_counter() - started)


def _cpu_s() -> float:
    """Return the processor time so far of this process and of the workers."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children())]
    return float(sum(time.user + time.system for time in times))


async def loops_per_second(processes: int) -> float:
    """Return the total rate of so many processes, each running an empty loop."""
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", LOOP, stdout=asyncio.subprocess.PIPE)
        for _ in range(processes)
    ]
    return sum([float((await process.communicate())[0]) for process in running])


async def _run(worker: list[Place], work: list[tuple[int, str]]) -> None:
    """Try the tactics in batches at one place after the other, as a search does."""
    for start in range(0, len(work), BATCH):
        place = worker[work[start][0]]
        tactics = [tactic for _, tactic in work[start : start + BATCH]]
        while tactics:
            outcomes = await place.session.apply(place.state, tactics, timeout_s=TACTIC_TIMEOUT_S)
            tactics = tactics[len(outcomes) :]  # a batch ends with the tactic that closes
            reached = {o.state for o in outcomes if isinstance(o, Advanced)}
            place.session.release(reached - {place.state})
