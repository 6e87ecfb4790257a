"""Ask a model for formal statements of problems in words, and compare what compiles with the references."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from prover.bench.formalisation.equivalence import Judge, StatementOutcome
from prover.bench.formalisation.means import Means
from prover.bench.formalisation.statements import Reference
from prover.bench.problem_sets import Problem
from prover.bench.results import ResultsFile
from prover.bench.work import Watcher, run_tasks
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.models.model import LanguageModel
from prover.proving.formalise import FormalStatement, formalise

TIMEOUT_S = 60.0  # for reading one statement
BEST_FIRST = (
    StatementOutcome.EQUIVALENT,
    StatementOutcome.STRONGER,
    StatementOutcome.WEAKER,
    StatementOutcome.NOT_SHOWN,
    StatementOutcome.DOES_NOT_COMPILE,
)


class InformalProblem(Problem):
    """A problem in words; `statement` is the reference."""

    informal: str = Field(min_length=1)
    informal_proof: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """How the model is asked: so many answers to each problem, at this temperature."""

    model: LanguageModel
    answers: int
    temperature: float
    seed: int


async def run_formalisation(
    problems: Sequence[InformalProblem],
    results: ResultsFile,
    *,
    environment: Callable[[], ProofEnvironment],
    asking: Asking,
    means: Sequence[Means],
    workers: int,
    watcher: Watcher[InformalProblem],
    cancel: asyncio.Event | None = None,
) -> None:
    """Work on all problems that have no result yet; see prover/bench/work.py.

    A reference that cannot be used is that line's `error`, and says nothing of the model.
    """

    async def attempt(problem: InformalProblem, own: ProofEnvironment) -> dict[str, Any] | None:
        result = await formalise_problem(problem, own, asking, means, cancel)
        return None if cancel and cancel.is_set() else result

    await run_tasks(
        problems,
        results,
        environment=environment,
        attempt=attempt,
        failed=heading,
        workers=workers,
        watcher=watcher,
        cancel=cancel,
    )


def heading(problem: InformalProblem) -> dict[str, Any]:
    """Return what every line of results begins with."""
    return {
        "problem": problem.name,
        "split": problem.split,
        "kind": problem.group,
        "error": None,
        "informal": problem.informal,
        "reference": problem.statement,
    }


async def formalise_problem(
    problem: InformalProblem,
    environment: ProofEnvironment,
    asking: Asking,
    means: Sequence[Means],
    cancel: asyncio.Event | None = None,
) -> dict[str, Any]:
    """Return the line of results: every different statement that the model gave, the best first.

    Raises:
        GeneratorError: the model cannot be asked.
        ProofEnvironmentError: the proof assistant failed.
    """
    first = heading(problem)
    try:
        theorem = problem.theorem()
        reference = Reference.of(theorem)
        async with environment.open(theorem, timeout_s=TIMEOUT_S):
            pass
    except InvalidTheoremError as error:
        reasons = [error.reason, *(message.text for message in error.messages if message.severity == "error")]
        return {**first, "error": f"reference: {'; '.join(dict.fromkeys(reasons))}"[:2000]}
    found = await formalise(
        problem.informal,
        solution=problem.informal_proof,
        language="lean",
        environment=environment,
        model=asking.model,
        read=reference.candidate,
        samples=asking.answers,
        rounds=1,
        sketches=0,
        temperature=asking.temperature,
        seed=asking.seed,
        timeout_s=TIMEOUT_S,
    )
    judge = Judge(reference, means, environment, seed=asking.seed, cancel=cancel)
    candidates = [await _judged(statement, judge) for statement in found.statements]
    candidates.sort(key=lambda candidate: BEST_FIRST.index(candidate["outcome"]))
    given = sum(statement.times for statement in found.statements)
    answers = 1 if asking.temperature == 0 else asking.answers
    return {
        **first,
        "outcome": candidates[0]["outcome"] if candidates else StatementOutcome.DOES_NOT_COMPILE,
        "answers": answers,
        "unread": max(0, answers - given),
        "candidates": candidates,
    }


async def _judged(statement: FormalStatement, judge: Judge) -> dict[str, Any]:
    about = {"statement": statement.statement, "times": statement.times}
    if statement.problem is not None:
        return {**about, "outcome": StatementOutcome.DOES_NOT_COMPILE, "problem": statement.problem[:2000]}
    compared = await judge.compare(statement.statement)
    return {**about, "outcome": compared.outcome, **compared.model_dump(mode="json")}
