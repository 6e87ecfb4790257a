"""Memory of a long-lived search worker: many tactics on kept states, then many theorems."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from itertools import count

import psutil

from benchmarks.parts.options import TACTIC_TIMEOUT_S, Options
from benchmarks.parts.workload import KINDS, STATES, all_places, opened, search_process
from benchmarks.report import Findings, Row
from prover.environments.lean_wasm.process import Answer, LeanProcess

TACTICS = 50_000
THEOREMS = 5_000
TACTICS_PER_THEOREM = 4
STEPS = 10
SETTLED = 2  # from this step (20 %) on nothing may grow: caches are full, code is compiled
MOST_GB = 0.8
GROWTH_PERCENT = 3.0


def measure_memory(options: Options) -> Findings:
    """Measure both, each in a fresh worker with mixed tactics in an order fixed by the seed."""
    rows = asyncio.run(_measure(options))
    for row in rows:
        options.say(f"{row.what}: {row.measured}")
    note = "resident memory of the whole process tree: Python and the Lean process that it drives"
    return Findings(rows, [note])


async def _measure(options: Options) -> list[Row]:
    tactics, theorems = options.times(TACTICS), options.times(THEOREMS)
    return [
        *await _life(options, f"{tactics:,} tactics", tactics, _tactics, held=_kept()),
        *await _life(options, f"{theorems:,} theorems", theorems, _theorems, held=0),
    ]


async def _life(
    options: Options,
    what: str,
    total: int,
    work: Callable[[LeanProcess, random.Random], AsyncIterator[None]],
    *,
    held: int,
) -> list[Row]:
    process = await search_process(options.installation)
    try:
        resident = [_resident_gb()]
        options.say(f"{what}:   0 %   {resident[-1]:.3f} GB")
        done = 0
        async for _ in work(process, random.Random(options.seed)):
            done += 1
            if done * STEPS % total < STEPS:  # another tenth
                resident.append(_resident_gb())
                options.say(f"{what}: {done * 100 // total:3d} %   {resident[-1]:.3f} GB")
            if done == total:
                break
        growth = (resident[-1] / resident[SETTLED] - 1) * 100
        statistics = await process.request("statistics", limit_s=TACTIC_TIMEOUT_S)
        return [
            Row(f"memory over {what}, most", (max(resident),), "GB", MOST_GB, digits=3),
            Row(
                f"memory over {what}, growth from {SETTLED * 100 // STEPS} %", (growth,), "%", GROWTH_PERCENT, digits=1
            ),
            Row(f"states and theorems that Lean holds after {what}", (_held(statistics),), "", held, digits=0),
            Row(f"instances replaced during {what}", (process.generation,), "", 0, digits=0),
        ]
    finally:
        await process.close()


async def _tactics(process: LeanProcess, order: random.Random) -> AsyncIterator[None]:
    """Try tactics on the same states; release the resulting states."""
    places = await all_places(process)
    while True:
        await order.choice(places).attempt(order.choice(KINDS))
        yield


async def _theorems(process: LeanProcess, order: random.Random) -> AsyncIterator[None]:
    """Open theorems that differ in a number, one after the other; try a few tactics; close each."""
    statements = [statement.partition(") : ") for statement, _ in STATES]
    for number in count():
        binders, _, goal = order.choice(statements)
        session = await opened(process, f"{binders}) (h_{number} : {number} < {number + 1}) : {goal}")
        await session.apply(session.initial, order.sample(KINDS, TACTICS_PER_THEOREM), timeout_s=TACTIC_TIMEOUT_S)
        session.close()
        yield


def _held(statistics: Answer) -> int:
    return int(statistics["states"] + statistics["sessions"])


def _kept() -> int:
    """Return how many theorems and states `_tactics` keeps, including states on the way to others."""
    return sum(1 + len(paths) for _, paths in STATES)


def _resident_gb() -> float:
    this = psutil.Process(os.getpid())
    return sum(process.memory_info().rss for process in [this, *this.children(recursive=True)]) / 1e9
