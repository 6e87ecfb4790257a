"""The service under load: many clients, a long queue, latencies, event lag, memory.

python -m benchmarks.service_load [--quick]
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console

from benchmarks.report import RESULTS, Report, Row, markdown_table
from benchmarks.serving import Service, metric
from prover.bench.conditions import hardware

POLICY = "scripted:omega"
PAUSE_S = 5.0
"""Between a client's rounds of three requests: 200 clients make 120 requests a second."""
WORKERS = 2
CACHED = "theorem known (a b : Nat) : a + b = b + a"


def theorem(number: int, group: str) -> str:
    """Return one of many different, equally hard theorems."""
    return f"theorem {group}{number} (a b : Nat) : a + {number} + b = b + {number} + a"


async def fill_queue(client: httpx.AsyncClient, count: int, group: str) -> tuple[str, float]:
    """Submit a batch; return its address and the time taken."""
    rows = "".join(json.dumps({"name": f"{group}{i}", "statement": theorem(i, group)}) + "\n" for i in range(count))
    started = time.monotonic()
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/v1/batches", content=rows, params={"policy": POLICY}, headers=headers)
    answer.raise_for_status()
    return answer.headers["location"], time.monotonic() - started


async def until_done(client: httpx.AsyncClient, place: str) -> dict[str, Any]:
    """Wait for a batch."""
    while True:
        batch: dict[str, Any] = (await client.get(place, params={"wait_s": 60})).json()
        if batch["status"] == "completed":
            return batch


def unfinished(url: str) -> float:
    """Return the number of jobs that wait or run."""
    return sum(metric(url, f'prover_jobs{{status="{status}"}}') for status in ("queued", "running"))


async def one_client(client: httpx.AsyncClient, number: int, rounds: int, times: dict[str, list[float]]) -> None:
    """Repeatedly submit, request a cached result and poll, with pauses as people make."""

    async def timed(what: str, request: Any) -> httpx.Response:
        started = time.perf_counter()
        answer: httpx.Response = await request
        times[what].append((time.perf_counter() - started) * 1000)
        answer.raise_for_status()
        return answer

    await asyncio.sleep(PAUSE_S * (number % 97) / 97)
    for round_number in range(rounds):
        body = {"theorem": theorem(number * rounds + round_number, "c"), "policy": POLICY, "priority": 0}
        job = (await timed("accepted", client.post("/v1/proofs", json=body))).json()
        known = await timed("cached", client.post("/v1/proofs", json={"theorem": CACHED}))
        assert known.json()["proved"] or known.status_code == 202  # occasionally a worker verifies it again
        await timed("look", client.get(job["links"]["self"]))
        await asyncio.sleep(PAUSE_S)


async def event_lags(client: httpx.AsyncClient, count: int) -> list[float]:
    """Return milliseconds from an event's entry in the store to its arrival here."""
    lags: list[float] = []
    for number in range(count):
        body = {"theorem": theorem(number, "e"), "policy": POLICY, "priority": 9}
        job = (await client.post("/v1/proofs", json=body)).json()
        async with client.stream("GET", job["links"]["events"]) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("id: "):
                    lags.append(time.time() * 1000 - float(line[4:].partition("-")[0]))
    return lags


async def measure(service: Service, *, clients: int, jobs: int, rounds: int, say: Any) -> tuple[list[Row], list[str]]:
    """Run all measurements against a service with two workers."""
    limits = httpx.Limits(max_connections=clients + 20)
    memory: list[tuple[float, dict[str, float]]] = []
    async with httpx.AsyncClient(base_url=service.url, timeout=120, limits=limits) as client:
        (await client.post("/v1/proofs", json={"theorem": CACHED}, params={"wait_s": 60})).raise_for_status()
        say(f"{jobs} jobs, {clients} clients")
        place, accepting_s = await fill_queue(client, jobs, "q")
        started = time.monotonic()

        async def watch() -> None:
            while True:
                done = (await client.get(place)).json()["completed"]
                memory.append((done, service.memory_mb()))
                await asyncio.sleep(2.0)

        watching = asyncio.create_task(watch())
        times: dict[str, list[float]] = {"accepted": [], "cached": [], "look": []}
        await asyncio.gather(*(one_client(client, number, rounds, times) for number in range(clients)))
        lags = await event_lags(client, 10)
        batch = await until_done(client, place)
        first_s = time.monotonic() - started
        watching.cancel()
        say("the same batch again")
        again_started = time.monotonic()
        again, _ = await fill_queue(client, jobs, "q")
        await until_done(client, again)
        again_s = time.monotonic() - again_started
        while unfinished(service.url):  # noqa: ASYNC110  # the service's own figures are what is asked
            await asyncio.sleep(0.5)
        ended = metric(service.url, 'prover_jobs_ended_total{status="completed"}')
        jobs_in_all = 2 * jobs + clients * rounds * 2 + 10 + 1
    rows = [
        Row(f"`{what}` requests while both workers are busy, 99 % within", (quantile(times[what], 0.99),), "ms",
            target=50 if what != "look" else None, digits=1)
        for what in times
    ]  # fmt: skip
    rows += [Row(f"`{what}` requests, half within", (quantile(times[what], 0.5),), "ms", digits=1) for what in times]
    rows += [
        Row("event, from the store to the client, 99 % within", (quantile(lags, 0.99),), "ms", target=250, digits=1),
        Row(f"batch of {jobs}, accepted in", (accepting_s,), "s"),
        Row(f"batch of {jobs}, worked off in", (first_s,), "s", digits=1),
        Row("the same batch again, so many times faster", (first_s / again_s,), "times", target=20, better="higher",
            digits=1),
        Row("jobs that ended, of those accepted", (ended / jobs_in_all * 100,), "%", target=100, better="higher",
            digits=3),
        Row("proved of the batch", (batch["proved"] / jobs * 100,), "%", target=100, better="higher"),
    ]  # fmt: skip
    rows += [
        Row(f"memory of {name}, growth in 1000 jobs", (slope(memory, name),), "MB", digits=1) for name in memory[0][1]
    ]
    notes = [
        f"{clients} clients; every theorem another, each `omega` after elaboration in Lean",
        "a search's events wait up to 100 ms in the worker before they go to the store together",
        "memory of Redis grows by the jobs that it keeps (retention)",
    ]
    return rows, notes


def quantile(values: list[float], share: float) -> float:
    """Return the quantile."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def slope(samples: list[tuple[float, dict[str, float]]], name: str) -> float:
    """Return the growth in MB per thousand jobs, by least squares over all but the first fifth."""
    later = samples[len(samples) // 5 :]
    if len({done for done, _ in later}) < 2:
        return 0.0
    fit = statistics.linear_regression([done for done, _ in later], [sizes[name] for _, sizes in later])
    return float(fit.slope * 1000)


@click.command()
@click.option("--quick", is_flag=True, help="A tenth of the work; the figures mean little.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=RESULTS)
def main(quick: bool, output: Path) -> None:
    """Measure the service under load."""
    console = Console(stderr=True)
    clients, jobs, rounds = (40, 100, 3) if quick else (200, 2000, 6)
    machine = hardware()
    with Service(workers=WORKERS) as service:
        work = measure(service, clients=clients, jobs=jobs, rounds=rounds, say=console.print)
        rows, notes = asyncio.run(work)
    command = "python -m benchmarks.service_load" + (" --quick" if quick else "")
    budget = {"clients": clients, "jobs": jobs, "workers": WORKERS}
    report = Report("service-load", command, 0, budget, machine, rows, notes)
    print(markdown_table(rows))
    if not quick or output != RESULTS:
        console.print(f"written to {report.save(output)}")


if __name__ == "__main__":
    main()
