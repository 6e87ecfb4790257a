"""Recovery: time until an earlier state answers again after a tactic had to be killed."""

from __future__ import annotations

import asyncio
import time

from benchmarks.parts.options import Options
from benchmarks.parts.workload import advance, opened, search_process
from benchmarks.report import Findings, Row
from prover.core.proof_state import TimedOut

REPETITIONS = 20
TIMEOUT_S = 1.0
RECOVERY_S = 2.0
STATEMENT = "theorem t (p q r : Prop) (hp : p) (hq : q) : (r → p) ∧ (r → q)"
PATH = ("constructor", "intro hr")  # to replay
PROBE = "exact hp"
# The kernel computes with numbers of 25 and 45 million bits and ignores Lean's cancel token meanwhile.
STUBBORN = "have : Nat.gcd (3 ^ 16000000) (7 ^ 16000000) = 1 := by decide +kernel"


def measure_recovery(options: Options) -> Findings:
    """Measure from the kill (its answer reaches Python at once) until the probe on an earlier state is answered."""
    rows = asyncio.run(_measure(options))
    for row in rows:
        options.say(f"{row.what}: {row.measured}")
    note = f"`{STUBBORN}` with {TIMEOUT_S:g} s; every time the earlier state gave exactly what it gave before"
    return Findings(rows, [note])


async def _measure(options: Options) -> list[Row]:
    process = await search_process(options.installation)
    killed: list[float] = []
    recovered: list[float] = []
    spared = 0
    try:
        session = await opened(process, STATEMENT)
        earlier = await advance(session, PATH)
        before = await session.apply(earlier, [PROBE], timeout_s=TIMEOUT_S)
        while len(recovered) < options.times(REPETITIONS):
            generation, started = process.generation, time.perf_counter()
            outcomes = await session.apply(earlier, [STUBBORN], timeout_s=TIMEOUT_S)
            lost = time.perf_counter()
            after = await session.apply(earlier, [PROBE], timeout_s=TIMEOUT_S)
            answered = time.perf_counter()
            if after != before:
                raise RuntimeError(f"the earlier state gave {before}, now it gives {after}")
            if process.generation > generation:
                recovered.append(answered - lost)
                killed.append(lost - started)
                continue
            # On a busy machine the limit may come before the kernel starts; Lean then stops by itself.
            spared += 1
            if not isinstance(outcomes[0], TimedOut) or spared > REPETITIONS:
                raise RuntimeError(f"the tactic need not be killed: {outcomes[0]}")
    finally:
        await process.close()
    return [
        Row("recovery: from the kill to an answer on an earlier state", tuple(recovered), "s", RECOVERY_S),
        Row(f"from sending the tactic (limit {TIMEOUT_S:g} s) to the kill", tuple(killed), "s"),
    ]
