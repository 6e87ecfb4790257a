"""The paper's search loop against ours: same theorems, model server and Lean, in one run.

    servers/vllm/serve.sh &                                          # or any other server
    python -m benchmarks.search_throughput SET --model http://localhost:8000 [--sample 40] [--latency 2]

Both draw 32 tactics per state and may expand 100 states. With `--latency` the server simulates a remote model: each
answer takes so many seconds, however many are requested at once. Both use the model alone, without closers.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmarks.report import Report, Row, markdown_table
from benchmarks.throughput.occupancy import Occupancy, WatchedEnvironment, WatchedModel
from benchmarks.throughput.paper_loop import paper_search
from prover.assembly.environments import lean_environment, lean_environments
from prover.bench.bench import run_problems
from prover.bench.conditions import hardware
from prover.bench.problem_sets import Problem, read_problems
from prover.bench.results import ResultsFile
from prover.core.budget import SearchBudget
from prover.environments.cached import CachedEnvironment
from prover.environments.environment import ProofEnvironment
from prover.models.cached import CachedModel
from prover.models.model import Completion, LanguageModel, Prompt, Sampling, Usage
from prover.models.openai_completions import OpenAICompletions
from prover.models.wrapping import WrappedModel
from prover.policies.llm.families import format_for
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from prover.settings import Settings
from prover.storage.cache import MemoryCache

SAMPLES, EXPANSIONS, TACTIC_TIMEOUT_S = 32, 100, 10.0
TEMPERATURE = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one loop."""

    theorems: int
    solved: int
    expansions: int
    calls: int
    seconds: float
    shares: dict[str, float]
    usage: Usage

    @property
    def an_hour(self) -> float:
        return 3600 * self.theorems / self.seconds


class RemoteModel(WrappedModel):
    """A remote model with spare capacity: every answer takes the same time."""

    def __init__(self, model: LanguageModel, latency_s: float) -> None:
        super().__init__(model)
        self._latency_s = latency_s
        self.late = 0

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        started = time.monotonic()
        answers = await self._model.complete(prompts, sampling)
        left_s = self._latency_s - (time.monotonic() - started)
        self.late += left_s < 0
        await asyncio.sleep(max(0.0, left_s))
        return answers


class _Quiet:
    def started(self, worker: int, problem: Problem) -> None:
        pass

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        pass


async def run_paper(problems: list[Problem], model: LanguageModel, *, timeout_s: float, seed: int) -> Outcome:
    """Run the baseline."""
    occupancy = Occupancy()
    watched = WatchedModel(model, occupancy)
    prompt_format = format_for(await model.identify())
    before = Usage(**vars_of(model.usage))
    started = time.monotonic()
    attempts = []
    for problem in problems:
        environment = WatchedEnvironment(lean_environment(Settings()), occupancy)
        try:
            attempts.append(
                await paper_search(
                    problem.theorem(),
                    environment,
                    watched,
                    prompt_format,
                    samples=SAMPLES,
                    temperature=TEMPERATURE,
                    expansions=EXPANSIONS,
                    timeout_s=timeout_s,
                    seed=seed,
                )
            )
        finally:
            await environment.close()
    return Outcome(
        theorems=len(problems),
        solved=sum(attempt.proved for attempt in attempts),
        expansions=sum(attempt.expansions for attempt in attempts),
        calls=watched.calls,
        seconds=time.monotonic() - started,
        shares=occupancy.shares(),
        usage=difference(model.usage, before),
    )


async def run_ours(
    problems: list[Problem], model: LanguageModel, *, timeout_s: float, seed: int, workers: int
) -> Outcome:
    """Run ours, with the model alone."""
    occupancy = Occupancy()
    cache = MemoryCache()
    watched = WatchedModel(model, occupancy)
    options = LlmOptions(samples=SAMPLES, batches=1, temperature=TEMPERATURE)
    policy = LlmPolicy(CachedModel(watched, cache), format_for(await model.identify()), options)
    start = lean_environments(Settings())
    before = Usage(**vars_of(model.usage))

    def environment() -> ProofEnvironment:
        return CachedEnvironment(WatchedEnvironment(start(), occupancy), cache)

    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ResultsFile(Path(folder), {}, resume=False) as results:
        await run_problems(
            problems,
            results,
            environment=environment,
            generator=policy,
            budget=SearchBudget(
                expansions=EXPANSIONS, candidates=SAMPLES, timeout_s=timeout_s, tactic_timeout_s=TACTIC_TIMEOUT_S
            ),
            seed=seed,
            workers=workers,
            watcher=_Quiet(),
        )
        rows = list(results.done.values())
    return Outcome(
        theorems=len(problems),
        solved=sum(bool(row["proved"]) for row in rows),
        expansions=sum(row["search"]["statistics"]["expansions"] for row in rows if "search" in row),
        calls=watched.calls,
        seconds=time.monotonic() - started,
        shares=occupancy.shares(),
        usage=difference(model.usage, before),
    )


def vars_of(usage: Usage) -> dict[str, Any]:
    return {name: getattr(usage, name) for name in Usage.__dataclass_fields__}


def difference(after: Usage, before: Usage) -> Usage:
    return Usage(**{name: value - getattr(before, name) for name, value in vars_of(after).items()})


def rows_of(name: str, paper: Outcome, ours: Outcome, target: float | None) -> list[Row]:
    """Return the table of one comparison."""
    rows = [
        Row(f"{name}: theorems an hour, ours against the paper's loop", (ours.an_hour / paper.an_hour,), "×",
            target, "higher", 1),
        Row(f"{name}: solved, ours minus the paper's loop", (ours.solved - paper.solved,), "", 0, "higher", 0),
        Row(f"{name}: share of wall time with neither model nor Lean at work, ours",
            (100 * ours.shares["neither"],), "%", 5, "lower", 1),
    ]  # fmt: skip
    for who, outcome in (("paper's loop", paper), ("ours", ours)):
        rows += [
            Row(f"{name}, {who}: theorems an hour", (outcome.an_hour,), "", digits=0),
            Row(f"{name}, {who}: solved of {outcome.theorems}", (outcome.solved,), "", digits=0),
            Row(f"{name}, {who}: expansions", (outcome.expansions,), "", digits=0),
            Row(f"{name}, {who}: model calls", (outcome.calls,), "", digits=0),
            Row(f"{name}, {who}: prompt tokens", (outcome.usage.prompt_tokens,), "", digits=0),
            Row(f"{name}, {who}: output tokens", (outcome.usage.completion_tokens,), "", digits=0),
            Row(f"{name}, {who}: wall time", (outcome.seconds,), "s", digits=0),
            Row(f"{name}, {who}: with the model at work", (100 * outcome.shares["model"],), "%", digits=0),
            Row(f"{name}, {who}: with Lean at work", (100 * outcome.shares["lean"],), "%", digits=0),
        ]
    return rows


@click.command()
@click.argument("problem_set")
@click.option("--model", "url", required=True, metavar="URL", help="The model server.")
@click.option("--sample", default=40, show_default=True, help="Theorems, chosen at random.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds for a theorem, as in the paper.")
@click.option("--workers", default=8, show_default=True, help="Theorems at once, ours.")
@click.option("--latency", type=float, help="As with a remote model that answers after so many seconds.")
@click.option("--seed", default=0, show_default=True)
def main(
    problem_set: str, url: str, sample: int, timeout: float, workers: int, latency: float | None, seed: int
) -> None:
    """Measure and report."""
    console = Console(stderr=True, highlight=False)
    problems = [problem for problem in read_problems(problem_set) if not problem.canary]
    problems = random.Random(seed).sample(problems, min(sample, len(problems)))
    before = hardware()
    options: dict[str, Any] = {"timeout_s": timeout, "seed": seed}

    notes = ["the paper's loop: benchmarks/throughput/paper_loop.py", "the model: research/tiny_model"]

    def say(name: str, done: Outcome) -> None:
        shares = ", ".join(f"{what} {100 * share:.0f} %" for what, share in done.shares.items())
        console.print(f"{name}: {done.solved} of {done.theorems} in {done.seconds:.0f} s; at work: {shares}")
        console.print(f"  {done.expansions} expansions, {done.calls} model calls")

    async def measure() -> list[Row]:
        server = OpenAICompletions([url])
        name, target = "this machine's model", 3.0
        # Ours caches answers (a repeated state is not asked for again); the paper's loop does not.
        asked: LanguageModel = server
        if latency is not None:
            name, target = f"remote model, {latency:g} s", 6.0
            asked = far = RemoteModel(server, latency)
        ours = await run_ours(problems, asked, workers=workers, **options)
        say("ours", ours)
        paper = await run_paper(problems, asked, **options)
        say("paper's loop", paper)
        if latency is not None:
            notes.append(f"{far.late} answers took the server itself longer than {latency:g} s")
        await server.close()
        return rows_of(name, paper, ours, target)

    rows = asyncio.run(measure())
    report = Report(
        name="search-throughput" if latency is None else "search-throughput-remote",
        command=f"python -m benchmarks.search_throughput {Path(problem_set).name} --sample {sample} "
        f"--timeout {timeout:g} --workers {workers}" + (f" --latency {latency:g}" if latency is not None else ""),
        seed=seed,
        budget={
            "expansions": EXPANSIONS,
            "samples": SAMPLES,
            "timeout_s": timeout,
            "tactic_timeout_s (ours)": TACTIC_TIMEOUT_S,
            "temperature": TEMPERATURE,
        },
        hardware=before,
        rows=rows,
        notes=notes,
    )
    report.save()
    console.print(markdown_table(rows), markup=False)


if __name__ == "__main__":
    main()
