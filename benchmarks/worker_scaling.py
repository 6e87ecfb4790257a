"""A batch on several worker processes against one Redis, and one during which everything is killed.

    python -m benchmarks.worker_scaling [--workers 1 --workers 2 --workers 4 --workers 8] [--count 400] [--quick]

Each worker is a process of `prover serve`, proves one theorem at a time, and has Lean processes of its own, about 1.3
GB. The ideal is the rate of one worker times the workers, but no more than the cores could do if each theorem took
the processor's time that it takes with one worker, API and Redis included. Then the most workers get a batch again.
When half of it is done, API, Redis, workers and Lean get SIGKILL, and all start anew in the same folder. Lost is the
time from the kill to the first result that had not been there, and every result that had been. The processor's time a
theorem tells how much of a poor figure comes from other work on the machine. Writes
benchmarks/results/worker-scaling.json.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
from rich.console import Console

from benchmarks.report import RESULTS, Report, Row
from benchmarks.service_load import POLICY, fill_queue, until_done
from benchmarks.serving import Service
from prover.bench.conditions import hardware

SETTINGS = {"WORKER__CONCURRENCY": "1"}
EFFICIENCY = 0.9
LOST_S = 60.0
LOOK_S = 0.2
REQUEST_S = 600.0
WARM_UP = 4
"""Theorems for each worker that are not counted: Lean is compiled as it is used."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a batch took: seconds on the clock and of the processor, for each theorem."""

    each_s: float
    processor_s: float
    proved: int


async def worked_off(workers: int, count: int) -> Done:
    """Work a batch off with so many workers of a new service."""
    with Service(workers=workers, settings=SETTINGS) as service:
        async with httpx.AsyncClient(base_url=service.url, timeout=REQUEST_S) as client:
            await until_done(client, (await fill_queue(client, WARM_UP * workers, "warm"))[0])
            began, busy = time.monotonic(), service.processor_s()
            place, _ = await fill_queue(client, count, "t")
            batch = await until_done(client, place)
            took, used = time.monotonic() - began, service.processor_s() - busy
    return Done(took / count, used / count, batch["proved"])


async def restarted(workers: int, count: int) -> tuple[float, int, int]:
    """Kill everything half-way. Returns the seconds until something new was done, results lost, theorems proved."""
    with tempfile.TemporaryDirectory(prefix="prover-bench-") as folder:
        first = Service(workers=workers, settings=SETTINGS, folder=Path(folder))
        with first:
            async with httpx.AsyncClient(base_url=first.url, timeout=REQUEST_S) as client:
                place, _ = await fill_queue(client, count, "t")
                before = await _done(client, place, count // 2)
            first.kill()
        killed = time.monotonic()
        with Service(workers=workers, settings=SETTINGS, folder=Path(folder)) as second:
            async with httpx.AsyncClient(base_url=second.url, timeout=REQUEST_S) as client:
                kept = await _done(client, place, 0)
                await _done(client, place, max(kept, before) + 1)
                lost_s = time.monotonic() - killed
                batch = await until_done(client, place)
    return lost_s, max(0, before - kept), batch["proved"]


async def _done(client: httpx.AsyncClient, place: str, least: int) -> int:
    """Wait until at least so many theorems of a batch are done. Returns how many are."""
    while (done := int((await client.get(place)).json()["completed"])) < least:  # noqa: ASYNC110  # another process's
        await asyncio.sleep(LOOK_S)
    return done


def rows(found: dict[int, Done], cores: int, count: int) -> list[Row]:
    """Return the figures of batches, by workers; those against the ideal against the fewest workers."""
    fewest = min(found)
    out = []
    for workers, done in found.items():
        name = f"{workers} worker{'s' * (workers > 1)}"
        out.append(Row(f"{name}: theorems a second", (1 / done.each_s,), "", better="higher"))
        out.append(Row(f"{name}: the processor's time, a theorem", (done.processor_s,), "s"))
        out.append(Row(f"{name}: proved", (done.proved,), f"of {count}", count, "higher", 0))
        if workers > fewest:
            alone = found[fewest]
            ideal_s = max(alone.each_s * fewest / workers, alone.processor_s / cores)
            efficiency = ideal_s / done.each_s
            out.append(Row(f"{name}: of the ideal", (efficiency,), "", EFFICIENCY, "higher"))
    return out


@click.command()
@click.option("--workers", type=click.IntRange(1), multiple=True, default=(1, 2, 4, 8), show_default=True)
@click.option("--count", type=click.IntRange(8), default=400, show_default=True, help="Theorems in a batch.")
@click.option("--quick", is_flag=True, help="One and two workers, 24 theorems: to see that it runs.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, show_default=True)
def main(workers: tuple[int, ...], count: int, quick: bool, output: Path) -> None:
    """Measure, print, and write the results."""
    machine, cores, console = hardware(), os.cpu_count() or 1, Console(stderr=True)
    if quick:
        workers, count = (1, 2), 24
    found = {}
    for several in sorted(set(workers)):
        console.print(f"{count} theorems, workers: {several}")
        found[several] = asyncio.run(worked_off(several, count))
    console.print("the same, with everything killed half-way")
    lost_s, lost, proved = asyncio.run(restarted(max(workers), count))
    figures = [
        *rows(found, cores, count),
        Row("everything killed half-way: until something new was done", (lost_s,), "s", LOST_S, digits=1),
        Row("everything killed half-way: results lost", (lost,), "", 0, digits=0),
        Row("everything killed half-way: proved in the end", (proved,), f"of {count}", count, "higher", 0),
    ]
    command = f"python -m benchmarks.worker_scaling {' '.join(sys.argv[1:])}".strip()
    limits = {"count": count, "policy": POLICY}
    name = f"worker-scaling{'-quick' if quick else ''}"
    report = Report(name, command, 0, limits, machine, figures, [f"the ideal: no more than {cores} cores can do"])
    click.echo(report.markdown())
    report.save(output)


if __name__ == "__main__":
    main()
