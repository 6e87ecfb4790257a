"""Prove every problem of a set, see prover/bench/work.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from prover.bench.attempts import AttemptCounts
from prover.bench.cost import CostMeter
from prover.bench.problem_sets import Problem
from prover.bench.results import ResultsFile
from prover.bench.steps import FoundSteps
from prover.bench.work import Watcher, run_tasks
from prover.core.budget import SearchBudget
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.policies.generator import TacticGenerator
from prover.proving.prove import prove_theorem
from prover.search.events import EventListener, each_of

CLOSEST = 1
"""Unfinished proofs in a line of results: enough to see how far a search got."""


async def run_problems(
    problems: Sequence[Problem],
    results: ResultsFile,
    *,
    environment: Callable[[], ProofEnvironment],
    generator: TacticGenerator,
    budget: SearchBudget,
    seed: int,
    workers: int,
    watcher: Watcher[Problem],
    cancel: asyncio.Event | None = None,
    cost: CostMeter | None = None,
    refuting: float = 0.0,
) -> None:
    """Work on all problems that have no result yet. Each worker has its own environment.

    What cannot be stated or what the machine failed at gets a result with its `error`; a machine's failures are tried
    again when the run is resumed. `cost` is read for each line of results. `refuting`: units of effort for
    counterexamples of a problem, beyond the budget.
    """

    async def attempt(problem: Problem, own: ProofEnvironment) -> dict[str, Any] | None:
        result = await attempt_problem(problem, own, generator, budget, seed, cancel, refuting=refuting)
        return result and result | ({"cost": cost.take()} if cost else {})

    await run_tasks(
        problems,
        results,
        environment=environment,
        attempt=attempt,
        failed=lambda problem: {**heading(problem), "proved": False},
        workers=workers,
        watcher=watcher,
        cancel=cancel,
    )


def heading(problem: Problem) -> dict[str, Any]:
    """Return what every line of results begins with."""
    return {
        "problem": problem.name,
        "split": problem.split,
        "kind": problem.group,
        "difficulty": problem.difficulty,
        "canary": problem.canary,
        "error": None,
        **({"defect": problem.defect} if problem.defect else {}),
    }


async def attempt_problem(
    problem: Problem,
    environment: ProofEnvironment,
    generator: TacticGenerator,
    budget: SearchBudget,
    seed: int,
    cancel: asyncio.Event | None,
    listener: EventListener | None = None,
    *,
    refuting: float = 0.0,
) -> dict[str, Any] | None:
    """Return the line of results, or None if it was cancelled.

    Canaries are not refuted: they are there for the search to be tempted by.
    """
    first = heading(problem)
    counts, path = AttemptCounts(), FoundSteps()
    try:
        record = await prove_theorem(
            problem.theorem(),
            environment=environment,
            generator=generator,
            budget=budget,
            seed=seed,
            listener=each_of(counts, path, *([listener] if listener else [])),
            cancel=cancel,
            refuting=0.0 if problem.canary else refuting,
            closest=0 if problem.canary else CLOSEST,
        )
    except InvalidTheoremError as error:
        reasons = [error.reason, *(message.text for message in error.messages)]
        return {**first, "proved": False, "error": f"statement: {'; '.join(dict.fromkeys(reasons))}"[:2000]}
    if cancel and cancel.is_set() and record.verdict == "unknown":
        return None
    found = {"steps": path.steps} if record.proved else {}
    return {**first, **record.model_dump(mode="json"), **found, "attempts": counts.as_dict()}
