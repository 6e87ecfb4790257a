"""Fault injection: workers of a running service get `kill -9` every few seconds, and every job must end correctly.

python -m benchmarks.service_faults [--quick]

`prover serve` restarts its workers.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import click
import httpx
import psutil
from rich.console import Console

from benchmarks.report import RESULTS, Report, Row, markdown_table
from benchmarks.service_load import POLICY, theorem
from benchmarks.serving import Service, metric
from prover.bench.conditions import hardware

SETTINGS = {"WORKER__LEASE_S": "3", "WORKER__ATTEMPTS": "50"}
"""No job is given up on: the kills are not its fault."""


async def storm(service: Service, seconds: float, seed: int) -> int:
    """Kill workers and their Lean processes at random; return how many."""
    chance, kills = random.Random(seed), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(1.0, 4.0))
        victims = service.worker_processes
        if not victims:
            continue
        victim = chance.choice(victims)
        try:
            lean = victim.children()
            (chance.choice(lean) if lean and chance.random() < 0.25 else victim).kill()
            kills += 1
        except psutil.NoSuchProcess:
            continue
    return kills


async def measure(service: Service, *, jobs: int, seconds: float, seed: int, say: Any) -> tuple[list[Row], list[str]]:
    """Submit jobs, kill processes, wait, count."""
    async with httpx.AsyncClient(base_url=service.url, timeout=120) as client:
        rows = "".join(json.dumps({"name": f"k{i}", "statement": theorem(i, "k")}) + "\n" for i in range(jobs))
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await client.post("/v1/batches", content=rows, params={"policy": POLICY}, headers=headers)
        answer.raise_for_status()
        place = answer.headers["location"]
        say(f"{jobs} jobs, {seconds:.0f} s of storm")
        kills = await storm(service, seconds, seed)
        stormed = (await client.get(place)).json()
        say(f"{kills} kills, {stormed['completed']} of {jobs} jobs done; now in peace")
        while (batch := (await client.get(place, params={"wait_s": 60})).json())["status"] != "completed":
            pass
        results = [json.loads(line) for line in (await client.get(f"{place}/results")).text.splitlines()]
    ended = sum(
        metric(service.url, f'prover_jobs_ended_total{{status="{status}"}}')
        for status in ("completed", "failed", "cancelled")
    )
    lost = metric(service.url, "prover_lost_total")
    rows_out = [
        Row("jobs with a result", (len(results),), f"of {jobs}", target=jobs, better="higher", digits=0),
        Row("proved", (batch["proved"],), f"of {jobs}", target=jobs, better="higher", digits=0),
        Row("ends of jobs counted by the store, too many or too few", (abs(ended - jobs),), "", target=0, digits=0),
        Row(
            "theorems in the results twice", (jobs - len({row["problem"] for row in results}),), "", target=0, digits=0
        ),
        Row("kills", (kills,), "", digits=0),
        Row("jobs taken from killed workers and done by others", (lost,), "", digits=0),
    ]
    return rows_out, [f"a kill every 1 to 4 s for {seconds:.0f} s, a quarter of them of a Lean process; lease 3 s"]


@click.command()
@click.option("--quick", is_flag=True, help="30 s instead of 5 minutes.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS)
def main(quick: bool, seed: int, output: Path) -> None:
    """Measure the effect of kills."""
    console = Console(stderr=True)
    jobs, seconds = (60, 30.0) if quick else (600, 300.0)
    machine = hardware()
    with Service(workers=2, settings=SETTINGS) as service:
        rows, notes = asyncio.run(measure(service, jobs=jobs, seconds=seconds, seed=seed, say=console.print))
    command = "python -m benchmarks.service_faults" + (" --quick" if quick else "")
    report = Report("service-faults", command, seed, {"jobs": jobs, "workers": 2}, machine, rows, notes)
    print(markdown_table(rows))
    if not quick or output != RESULTS:
        console.print(f"written to {report.save(output)}")


if __name__ == "__main__":
    main()
