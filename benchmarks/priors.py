"""Measure which kinds of tactics close goals and at what cost; write the table that orders the closers.

python -m benchmarks.priors SET.jsonl... [--seconds 15] [--limit N]

Every candidate is tried at the first state of every problem, after `intro` if that applies, until the problem's seconds
are spent, whether or not another has closed it. The order is then chosen greedily: next comes the family that closes
the most problems per second among those still open. Do not use problems of a test set.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from prover.assembly.environments import lean_environment, lean_library
from prover.bench.conditions import commit, hardware, versions
from prover.bench.problem_sets import Problem, read_problems
from prover.core.proof_state import Advanced, Closed
from prover.errors import InvalidTheoremError, ProverError
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.automation.priors import family_of
from prover.policies.premises.retrieval import PremiseSource
from prover.settings import Settings

TABLE = Path(__file__).parent.parent / "prover" / "policies" / "priors.json"
TACTIC_TIMEOUT_S = 8.0
BEST, DECAY = 0.30, 0.93
PSEUDO_TRIES, PSEUDO_CLOSED = 40.0, 0.15
OVERHEAD_S = 0.01
STEPS = ("structure", "induction", "definitions")
FEWEST = 2  # problems that a family must close to be ranked by this


async def attempts_on(problem: Problem, seconds: float, lean: Any, generator: ClosersPolicy) -> list[dict[str, Any]]:
    """Try all candidates at the problem's first state."""
    theorem = await lean.forbidding(problem.theorem())
    rows: list[dict[str, Any]] = []
    async with generator.for_theorem(theorem) as prepared, lean.open(theorem) as session:
        state = session.initial
        (proposal,) = await prepared.propose([state], n=10_000, seed=0)
        candidates = list(proposal.candidates)
        if candidates[0].tactic.startswith("intro "):
            (outcome,) = await session.apply(state, [candidates[0].tactic], timeout_s=TACTIC_TIMEOUT_S)
            if isinstance(outcome, Advanced):
                state = outcome.state
                (proposal,) = await prepared.propose([state], n=10_000, seed=0)
                candidates = list(proposal.candidates)
        candidates = random.Random(problem.name).sample(candidates, len(candidates))  # in random order
        end = time.monotonic() + seconds
        while candidates and time.monotonic() < end:
            outcomes = await session.apply(
                state,
                [c.tactic for c in candidates],
                timeout_s=TACTIC_TIMEOUT_S,
                effort=[c.effort for c in candidates],
                deadline_s=end - time.monotonic(),
            )
            if not outcomes:
                break
            for candidate, outcome in zip(candidates, outcomes, strict=False):
                if outcome.elapsed_s or isinstance(outcome, Closed):
                    family = family_of(candidate.source, candidate.tactic)
                    rows.append({"family": family, "closed": isinstance(outcome, Closed), "s": outcome.elapsed_s})
            candidates = candidates[len(outcomes) :]
    return rows


async def measure_all(
    problems: list[Problem], seconds: float, workers: int, log: Path, say: Any, done: set[str]
) -> None:
    """Append a line per problem to the log; problems already in it are skipped."""
    waiting = [problem for problem in problems if problem.name not in done]
    generator = ClosersPolicy(PremiseSource(lean_library(Settings())))

    async def work() -> None:
        lean = lean_environment(Settings())
        try:
            while waiting:
                problem = waiting.pop()
                try:
                    rows = await attempts_on(problem, seconds, lean, generator)
                except InvalidTheoremError:
                    rows = []
                except ProverError as error:
                    say(f"{problem.name}: {error}")
                    continue
                with log.open("a") as file:
                    file.write(json.dumps({"problem": problem.name, "attempts": rows}) + "\n")
                say(f"{problem.name}: {sum(row['closed'] for row in rows)} of {len(rows)} close; {len(waiting)} left")
        finally:
            await lean.close()

    await asyncio.gather(*(work() for _ in range(workers)))


def table(log: Path) -> dict[str, float]:
    """Return the weights: greedy order first, then the rest by rate and cost."""
    tries: defaultdict[str, list[tuple[str, bool, float]]] = defaultdict(list)
    for line in log.read_text().splitlines():
        row = json.loads(line)
        for attempt in row["attempts"]:
            tries[attempt["family"]].append((row["problem"], attempt["closed"], attempt["s"]))
    weights: dict[str, float] = {}
    solved: set[str] = set()
    rank = 0

    def gain(family: str) -> float:
        open_tries = [t for t in tries[family] if t[0] not in solved]
        closed = {t[0] for t in open_tries if t[1]}
        if len(closed) < FEWEST:
            return 0.0
        cost = sum(t[2] + OVERHEAD_S for t in open_tries) + OVERHEAD_S * PSEUDO_TRIES
        return len(closed) / cost if closed else 0.0

    while tries.keys() - weights.keys():
        best = max(tries.keys() - weights.keys(), key=lambda family: (gain(family), family))
        if gain(best) <= 0:
            break
        weights[best] = BEST * DECAY**rank
        solved |= {problem for problem, closed, _ in tries[best] if closed}
        rank += 1
    floor = BEST * DECAY**rank
    for family in tries.keys() - weights.keys():
        if family.startswith(STEPS) and not any(t[1] for t in tries[family]):
            continue  # it opens a proof, whose worth does not show here
        closed = sum(t[1] for t in tries[family]) + PSEUDO_CLOSED
        rate = closed / (len(tries[family]) + PSEUDO_TRIES)
        cost = sum(t[2] for t in tries[family]) / len(tries[family]) + OVERHEAD_S
        if len(tries[family]) >= 10:  # otherwise too little is known
            weights[family] = min(floor, 0.2 * rate / max(0.05, cost) ** 0.5)
    return {family: round(weights[family], 6) for family in sorted(weights, key=lambda f: -weights[f])}


@click.command()
@click.argument("sets", nargs=-1, required=True)
@click.option("--seconds", default=15.0, show_default=True, help="For each problem.")
@click.option("--limit", type=int, help="Only so many of each set.")
@click.option("--workers", default=2, show_default=True)
@click.option("--measure/--no-measure", default=True, help="Or only write the table from the log.")
@click.option("--log", type=click.Path(path_type=Path), default=Path("runs/priors.jsonl"), show_default=True)
def main(sets: tuple[str, ...], seconds: float, limit: int | None, workers: int, measure: bool, log: Path) -> None:
    """Measure and write the table; resumes an earlier run."""
    console = Console(stderr=True, highlight=False)
    problems: list[Problem] = []
    for name in sets:
        rows = [row for row in read_problems(name) if not row.canary]
        problems += random.Random(0).sample(rows, limit) if limit and limit < len(rows) else rows
    log.parent.mkdir(parents=True, exist_ok=True)
    done = {json.loads(line)["problem"] for line in log.read_text().splitlines()} if log.exists() else set()
    if measure:
        asyncio.run(measure_all(problems, seconds, workers, log, lambda text: console.print(text, markup=False), done))
    weights = table(log)
    about = {
        "command": f"python -m benchmarks.priors {' '.join(Path(name).name for name in sets)} --seconds {seconds:g}",
        "problems": len(log.read_text().splitlines()),
        "versions": versions(),
        "hardware": hardware(),
        "commit": commit(),
    }
    TABLE.write_text(json.dumps({"about": about, "weights": weights}, ensure_ascii=False, indent=1) + "\n")
    console.print(f"{len(weights)} families, written to {TABLE.name}")


if __name__ == "__main__":
    main()
