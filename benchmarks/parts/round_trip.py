"""Round trip: from Python into Lean and back, for single cheap tactics and for a batch of candidates."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import psutil

from benchmarks.parts.options import TACTIC_TIMEOUT_S, Options
from benchmarks.parts.workload import BATCH, BATCH_STATEMENT, RecordingProcess, advance, opened, search_process
from benchmarks.report import Findings, Row
from prover.core.proof_state import Advanced, Closed, ProofState, TacticOutcome
from prover.environments.lean_wasm.session import LeanSession

SINGLES = 1000
BATCHES = 100
WARM_UP = 200  # the first calls run unoptimised code
WARM_UP_BATCHES = 10
SINGLE_MS = 2.0
BATCH_FACTOR = 1.15

# Tactic, statement, preceding tactics, expected outcome.
CHEAP: tuple[tuple[str, str, tuple[str, ...], type[TacticOutcome]], ...] = (
    ("intro hp", "theorem t (p q : Prop) : p → q → p ∧ q", (), Advanced),
    ("constructor", "theorem t (p q : Prop) : p → q → p ∧ q", ("intro hp", "intro hq"), Advanced),
    ("exact ⟨hp, hq⟩", "theorem t (p q : Prop) : p → q → p ∧ q", ("intro hp", "intro hq"), Closed),
    ("rfl", "theorem t (a b : Nat) : a + b = a + b", (), Closed),
)


def measure_round_trip(options: Options) -> Findings:
    """Measure single tactics, then batches."""
    return Findings(
        asyncio.run(_measure(options)),
        [
            "single tactics: `LeanSession.apply` from Python, closing ones with the kernel's check of the proof",
            f"batch: {len(BATCH)} mixed candidates in one `LeanSession.apply`; Lean's own time is taken around each "
            "tactic inside the instance",
        ],
    )


async def _measure(options: Options) -> list[Row]:
    process = await search_process(options.installation, recording=True)
    assert isinstance(process, RecordingProcess)
    try:
        rows = []
        for tactic, statement, before, wanted in CHEAP:
            session = await opened(process, statement)
            state = await advance(session, before)
            values = await _singles(session, state, tactic, wanted, options.times(SINGLES))
            session.close()
            rows.append(Row(f"round trip of `{tactic}`", values, "ms", SINGLE_MS))
            options.say(f"{rows[-1].what}: {rows[-1].measured}")
        session = await opened(process, BATCH_STATEMENT)
        rows += await _batches(process, session, options.times(BATCHES))
        for row in rows[-2:]:
            options.say(f"{row.what}: {row.measured}")
        return rows
    finally:
        await process.close()


async def _singles(
    session: LeanSession, state: ProofState, tactic: str, wanted: type[TacticOutcome], count: int
) -> tuple[float, ...]:
    values = []
    for _ in range(WARM_UP + count):
        started = time.perf_counter()
        outcomes = await session.apply(state, [tactic], timeout_s=TACTIC_TIMEOUT_S)
        values.append((time.perf_counter() - started) * 1000)
        if not isinstance(outcomes[0], wanted):
            raise RuntimeError(f"{tactic!r} gave {outcomes[0]}")
    return tuple(values[WARM_UP:])


async def _batches(process: RecordingProcess, session: LeanSession, count: int) -> list[Row]:
    walls: list[float] = []
    factors: list[float] = []
    lean = psutil.Process(process.pid)
    for turn in range(WARM_UP_BATCHES + count):
        cpu = _cpu_ms(lean)
        started = time.perf_counter()
        outcomes = await session.apply(session.initial, BATCH, timeout_s=TACTIC_TIMEOUT_S)
        wall = (time.perf_counter() - started) * 1000
        if len(outcomes) != len(BATCH):
            raise RuntimeError(f"the batch ended after {len(outcomes)} of {len(BATCH)} tactics")
        reached = {outcome.state for outcome in outcomes if isinstance(outcome, Advanced)}
        session.release(reached - {session.initial})  # some tactics change nothing
        if turn >= WARM_UP_BATCHES:
            walls.append(wall)
            factors.append(wall / _lean_ms(process.last["outcomes"], _cpu_ms(lean) - cpu))
    return [
        Row(f"wall time of a batch of {len(BATCH)}", tuple(walls), "ms", digits=1),
        Row("wall time of the batch divided by Lean's own", tuple(factors), "", BATCH_FACTOR, digits=3),
    ]


def _lean_ms(outcomes: Sequence[dict[str, float]], cpu_ms: float) -> float:
    """Return Lean's own time for the tactics, or if the driver does not report it, the processor time of its process.

    The latter includes V8's other threads (compilation, garbage collection).
    """
    told = [outcome["ms"] for outcome in outcomes if "ms" in outcome]
    return sum(told) if len(told) == len(outcomes) else cpu_ms


def _cpu_ms(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system) * 1000
