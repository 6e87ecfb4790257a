"""Prove every problem of a set: several workers, results written as they come, safe to kill and to resume."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from prover.budget import SearchBudget
from prover.environments.environment import ProofEnvironment
from prover.errors import GeneratorError, InvalidTheoremError, ProofEnvironmentError
from prover.evaluate.problem_sets import Problem
from prover.evaluate.results import ResultsFile
from prover.policy.generator import TacticGenerator
from prover.proving import prove_theorem

logger = logging.getLogger(__name__)

ATTEMPTS = 2  # on one problem, if the machine fails


class Watcher(Protocol):
    """Is told how a run goes on."""

    def started(self, worker: int, problem: Problem) -> None:
        """A worker takes up a problem."""

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        """A worker has written a result."""


async def run_problems(
    problems: Sequence[Problem],
    results: ResultsFile,
    *,
    environment: Callable[[], ProofEnvironment],
    generator: TacticGenerator,
    budget: SearchBudget,
    seed: int,
    workers: int,
    watcher: Watcher,
    cancel: asyncio.Event | None = None,
) -> None:
    """Work on all problems that have no result yet. Each worker has its own environment.

    What cannot be stated or what the machine failed at gets a result with its `error`; a machine's failures are
    tried again when the run is resumed.
    """
    left = deque(p for p in problems if not _settled(results.done.get(p.name)))

    async def work(number: int) -> None:
        own = environment()
        try:
            while left and not (cancel and cancel.is_set()):
                problem = left.popleft()
                watcher.started(number, problem)
                for attempt in range(1, ATTEMPTS + 1):
                    try:
                        result = await _attempt(problem, own, generator, budget, seed, cancel)
                        break
                    except (ProofEnvironmentError, GeneratorError) as error:
                        logger.warning("%s: %s", problem.name, error)
                        await own.close()
                        own = environment()
                        if attempt == ATTEMPTS:
                            result = {**_heading(problem), "proved": False, "error": f"machine: {error}"}
                if result is None:  # cancelled
                    return
                results.add(result)
                watcher.finished(number, result)
        finally:
            await own.close()

    async with asyncio.TaskGroup() as group:
        for number in range(workers):
            group.create_task(work(number))


def _settled(result: dict[str, Any] | None) -> bool:
    return result is not None and not str(result["error"] or "").startswith("machine: ")


def _heading(problem: Problem) -> dict[str, Any]:
    return {
        "problem": problem.name,
        "split": problem.split,
        "kind": problem.group,
        "difficulty": problem.difficulty,
        "canary": problem.canary,
        "error": None,
    }


async def _attempt(
    problem: Problem,
    environment: ProofEnvironment,
    generator: TacticGenerator,
    budget: SearchBudget,
    seed: int,
    cancel: asyncio.Event | None,
) -> dict[str, Any] | None:
    """Return the line of results, or None if it was cancelled."""
    heading = _heading(problem)
    try:
        record = await prove_theorem(
            problem.theorem(), environment=environment, generator=generator, budget=budget, seed=seed, cancel=cancel
        )
    except InvalidTheoremError as error:
        reasons = [error.reason, *(message.text for message in error.messages)]
        return {**heading, "proved": False, "error": f"statement: {'; '.join(dict.fromkeys(reasons))}"[:2000]}
    if cancel and cancel.is_set() and not record.proved:
        return None
    return {**heading, **record.model_dump(mode="json")}
