"""From a client's request to a worker's task: join the texts, apply the limits, look into the cache."""

from __future__ import annotations

import random
from collections.abc import Sequence

from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.core.theorem import with_header
from prover.errors import BeyondLimitError, InvalidPolicyError
from prover.jobs.job import CacheUse, ProofTask
from prover.policies.registry import assistant_of, choose
from prover.telemetry import request_id
from prover.web.schemas import SearchOptions
from prover.web.services import Services


def task_of(
    options: SearchOptions,
    services: Services,
    *,
    statement: str,
    header: str = "",
    informal: str = "",
    name: str = "",
    forbid: tuple[str, ...] = (),
    events: bool = True,
) -> ProofTask:
    """Return the task for a worker.

    Raises:
        InvalidTheoremError: the text is rejected before parsing.
        InvalidPolicyError: there is no such policy for this server's proof assistant.
        BeyondLimitError: the request is above a limit of this server, or names another environment.
    """
    if options.policy is not None:
        _check_policy(options.policy, services.environment_name)
    task = ProofTask(
        text=with_header(header, statement),
        informal=informal,
        name=name,
        forbid=forbid,
        policy=options.policy,
        budget=_budget(options, services.limits.budget),
        seed=options.seed,
        cache=options.cache,
        events=events,
        request_id=request_id.get(),
    )
    task.theorem()
    identity = services.environment.identity
    name = services.environment_name
    if options.environment not in {None, name, identity}:
        raise BeyondLimitError(f"this server proves with {identity} (`{name}`) only", place=("environment",))
    if forbid and name not in {"lean", "lean-project"}:
        raise BeyondLimitError(
            f"only the embedded Lean and Lean projects support `forbid`; this server has {identity}", place=("forbid",)
        )
    return task


def _check_policy(name: str, environment: str) -> None:
    try:
        choose(name, assistant_of(environment))
    except InvalidPolicyError as error:
        raise InvalidPolicyError(str(error), place=("policy",)) from error


def _budget(options: SearchOptions, largest: SearchBudget) -> SearchBudget:
    asked, most = options.budget.model_dump(exclude_none=True), largest.model_dump()
    for name, value in asked.items():
        if value > most[name]:
            raise BeyondLimitError(f"{name} is at most {most[name]:g} here", place=("budget", name))
    budget = SearchBudget().changed(asked)
    given = {name: value for name, value in budget.model_dump().items() if value is not None}
    return budget.model_copy(update={name: min(value, most[name]) for name, value in given.items()})


async def with_known(services: Services, tasks: Sequence[ProofTask]) -> list[tuple[ProofTask, ProofRecord | None]]:
    """Return each task with its proof or refutation, if the cache has one that can be the answer as it is.

    A random share of these (`reverified`) goes to a worker all the same, which verifies them again.
    """
    usable = [task for task in tasks if task.cache is CacheUse.USE]
    found = iter(await services.proofs.settled([task.theorem() for task in usable], services.environment.identity))
    answered: list[tuple[ProofTask, ProofRecord | None]] = []
    for task in tasks:
        record = next(found) if task.cache is CacheUse.USE else None
        if record is not None and random.random() < services.reverified:
            answered.append((task.model_copy(update={"cache": CacheUse.VERIFY}), None))
        else:
            answered.append((task, record))
    return answered
