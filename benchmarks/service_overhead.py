"""What the service costs: the same kind of theorem by `prove()` and through `prover serve`, in turns.

    python -m benchmarks.service_overhead [--theorems 40]

The overhead is the time from request to answer minus the proof's own time, which its record states. For comparison the
same theorems are proved by `prove()` in this process. Two Lean processes differ by more than the overhead, and one that
has just worked is faster than one that was idle, so there is one worker, and the two take turns.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import click
import httpx
from rich.console import Console

from benchmarks.report import RESULTS, Report, Row, markdown_table
from benchmarks.service_load import theorem
from benchmarks.serving import Service
from prover import Lean
from prover.bench.conditions import hardware

WARMING = 20
"""Theorems before those that count: V8 compiles what Lean uses often while it runs."""


async def compare(url: str, count: int) -> list[tuple[float, float, float]]:
    """Return seconds: by `prove()`, from request to answer, and of these the proof's own."""
    times: list[tuple[float, float, float]] = []
    async with Lean(policy="ranked") as lean, httpx.AsyncClient(base_url=url, timeout=120) as client:
        for number in range(WARMING + count):
            started = time.monotonic()
            record = await lean.prove(theorem(number, "d"))
            between = time.monotonic()
            body = {"theorem": theorem(number, "s")}
            answer = await client.post("/v1/proofs", json=body, params={"wait_s": 60})
            ended = time.monotonic()
            served = answer.json()["record"]
            assert record.proved
            assert served["proved"]
            times.append((between - started, ended - between, served["elapsed_s"]))
    return times[WARMING:]


@click.command()
@click.option("--theorems", default=40, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS)
def main(theorems: int, output: Path) -> None:
    """Measure and report."""
    machine = hardware()
    with Service(workers=1) as service:
        times = asyncio.run(compare(service.url, theorems))
    direct, served, own = (statistics.median(column) for column in zip(*times, strict=True))
    added = statistics.median(whole - proof for _, whole, proof in times)
    rows = [
        Row("added by the service, of the proof's own time", (100 * added / own,), "%", target=5, digits=1),
        Row("added by the service", (added * 1000,), "ms", digits=1),
        Row("the proof's own time, in the worker", (own * 1000,), "ms", digits=0),
        Row("from request to answer", (served * 1000,), "ms", digits=0),
        Row("by `prove()`, in another process", (direct * 1000,), "ms", digits=0),
    ]
    notes = ["medians; every theorem another, proved and verified by real Lean, with the default policy"]
    budget = {"theorems": theorems, "warming": WARMING, "workers": 1}
    report = Report(
        "service-overhead",
        f"python -m benchmarks.service_overhead --theorems {theorems}",
        0,
        budget,
        machine,
        rows,
        notes,
    )
    print(markdown_table(rows))
    Console(stderr=True).print(f"written to {report.save(output)}")


if __name__ == "__main__":
    main()
