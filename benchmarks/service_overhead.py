"""What the service costs: the same kind of theorem by `prove()` and through `prover serve`, in turns.

    python -m benchmarks.service_overhead [--theorems 40]

One Lean works on each side, and both are idle while the other works: a Lean that has just run is quicker than one that
has rested, so with two workers that share the work, this would compare warm and cold memory.
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
from prover.evaluate.conditions import hardware
from prover.proving import prove_theorem
from prover.settings import Settings
from prover.theorem import Theorem
from prover.wiring import closers, lean_environment

WARMING = 20
"""Theorems before those that count: V8 compiles what Lean uses often while it runs."""


async def compare(url: str, count: int) -> list[tuple[float, float]]:
    """Return pairs of seconds: directly and through the service."""
    lean, policy = lean_environment(Settings()), closers()
    pairs: list[tuple[float, float]] = []
    try:
        async with httpx.AsyncClient(base_url=url, timeout=120) as client:
            for number in range(WARMING + count):
                started = time.monotonic()
                record = await prove_theorem(
                    Theorem.from_text(theorem(number, "d")), environment=lean, generator=policy
                )
                between = time.monotonic()
                body = {"theorem": theorem(number, "s")}
                answer = await client.post("/v1/proofs", json=body, params={"wait_s": 60})
                ended = time.monotonic()
                assert record.proved
                assert answer.json()["proved"]
                pairs.append((between - started, ended - between))
    finally:
        await lean.close()
    return pairs[WARMING:]


@click.command()
@click.option("--theorems", default=40, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS)
def main(theorems: int, output: Path) -> None:
    """Measure and report."""
    machine = hardware()
    with Service(workers=1) as service:
        pairs = asyncio.run(compare(service.url, theorems))
    direct, served = (statistics.median(times) for times in zip(*pairs, strict=True))
    rows = [
        Row("a proof through the service, over `prove()`", (100 * (served / direct - 1),), "%", target=5, digits=1),
        Row("by `prove()`", (direct * 1000,), "ms", digits=0),
        Row("through the service, from request to answer", (served * 1000,), "ms", digits=0),
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
