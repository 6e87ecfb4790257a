"""The gain from prefix caching in tactic prediction: the same requests to a vLLM with and one without it.

    python -m benchmarks.prefix_caching SET --model FOLDER [--states 24] [--rounds 3]

Each round asks both servers for 32 tactics at every state (the initial ones of SET's theorems, in the Llemma format),
with new states in each round, so only the few-shot examples are cached. The servers take turns. Requests go one state
after the other, as from a single search, and eight at once, as from eight searches.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from benchmarks.report import Report, Row, markdown_table
from benchmarks.throughput.server import vllm
from prover import InvalidTheoremError, Lean
from prover.bench.conditions import hardware
from prover.bench.problem_sets import read_problems
from prover.models.model import Sampling
from prover.models.openai_completions import OpenAICompletions
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query

SAMPLES = 32
AT_ONCE = 8


def states_of(problem_set: str, count: int, seed: int) -> list[str]:
    """Return the initial states of some theorems."""
    problems = [problem for problem in read_problems(problem_set) if not problem.canary]
    random.Random(seed).shuffle(problems)
    states: list[str] = []
    with Lean() as lean:
        for problem in problems:
            if len(states) == count:
                break
            try:
                with lean.open(problem.theorem()) as session:
                    states.append(session.initial.text)
            except InvalidTheoremError:
                continue
    return states


async def tokens_a_second(model: OpenAICompletions, states: list[str], at_once: int, seed: int) -> float:
    """Ask for tactics at all states, `at_once` concurrently; return output tokens per second."""
    form = FORMATS["llemma"]
    sampling = Sampling(n=SAMPLES, temperature=1.0, max_tokens=form.max_tokens, stop=form.stop, seed=seed)
    before, started = model.usage.completion_tokens, time.monotonic()
    slots = asyncio.Semaphore(at_once)

    async def ask(state: str) -> None:
        async with slots:
            await model.complete([form.render(Query(state))], sampling)

    await asyncio.gather(*map(ask, states))
    return (model.usage.completion_tokens - before) / (time.monotonic() - started)


async def measure(urls: tuple[str, str], states: list[str], at_once: int, rounds: int, seed: int) -> list[Row]:
    """Return rows of the table: with caching, without, and their ratio."""
    models = [OpenAICompletions([url]) for url in urls]
    for model in models:
        await model.identify()
    share = len(states) // (rounds + 1)
    rates: list[list[float]] = [[], []]
    for i in range(rounds + 1):  # the first warms up
        part = states[i * share : (i + 1) * share]
        for which in (0, 1) if i % 2 else (1, 0):
            rate = await tokens_a_second(models[which], part, at_once, seed)
            if i:
                rates[which].append(rate)
    for model in models:
        await model.close()
    how = "one state after the other" if at_once == 1 else f"{at_once} at once"
    return [
        Row(f"output with prefix caching, {how}", tuple(rates[0]), "tokens/s", digits=0),
        Row(f"output without, {how}", tuple(rates[1]), "tokens/s", digits=0),
        Row(f"with against without, {how}", tuple(a / b for a, b in zip(*rates, strict=True)), "times", 2.5, "higher"),
    ]


@click.command()
@click.argument("problem_set")
@click.option("--model", required=True, metavar="FOLDER", help="A checkpoint, or a model's name on the hub.")
@click.option("--states", default=80, show_default=True, help="In all rounds together; a first one warms up.")
@click.option("--rounds", default=4, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(problem_set: str, model: str, states: int, rounds: int, seed: int) -> None:
    """Measure and report."""
    before = hardware()
    found = states_of(problem_set, states, seed)
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder)
        with (
            vllm(model, logs / "with.log") as with_caching,
            vllm(model, logs / "without.log", "--no-enable-prefix-caching") as without,
        ):
            half = len(found) // 2
            rows = [
                *asyncio.run(measure((with_caching, without), found[:half], 1, rounds, seed)),
                *asyncio.run(measure((with_caching, without), found[half:], AT_ONCE, rounds, seed)),
            ]
    report = Report(
        name="prefix-caching",
        command=f"python -m benchmarks.prefix_caching {Path(problem_set).name} --model {Path(model).name}",
        seed=seed,
        budget={"samples": SAMPLES, "states": len(found), "rounds": rounds},
        hardware=before,
        rows=rows,
        notes=["every round has other states"],
    )
    report.save()
    Console(stderr=True, highlight=False).print(markdown_table(rows), markup=False)


if __name__ == "__main__":
    main()
