"""From what a client asks to what a worker does: texts joined, limits applied, the cache asked."""

from __future__ import annotations

import random
from collections.abc import Sequence

from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.errors import BeyondLimitError, InvalidPolicyError
from prover.jobs.job import CacheUse, ProofTask
from prover.policies.registry import assistant_of, choose
from prover.settings import ServeSettings
from prover.telemetry import request_id
from prover.web.schemas import SearchOptions
from prover.web.services import Services


def task_of(
    options: SearchOptions,
    services: Services,
    *,
    statement: str,
    header: str = "",
    name: str = "",
    forbid: tuple[str, ...] = (),
    events: bool = True,
) -> ProofTask:
    """Return what a worker is to do.

    Raises:
        InvalidTheoremError: text that no parser need see.
        InvalidPolicyError: this server's proof assistant has no such policy.
        BeyondLimitError: more than this server allows, or another environment than it has.
    """
    if options.policy is not None:
        _check_policy(options.policy, services.settings.environment)
    text = f"{header.rstrip()}\n\n{statement}" if header.strip() else statement
    task = ProofTask(
        text=text,
        name=name,
        forbid=forbid,
        policy=options.policy,
        budget=_budget(options, services.settings.serve),
        seed=options.seed,
        cache=options.cache,
        events=events,
        request_id=request_id.get(),
    )
    task.theorem()
    identity = services.environment.identity
    name = services.settings.environment
    if options.environment not in {None, name, identity}:
        raise BeyondLimitError(f"this server proves with {identity} (`{name}`) only", place=("environment",))
    if forbid and name != "lean":
        raise BeyondLimitError(f"only the embedded Lean can forbid; this server has {identity}", place=("forbid",))
    return task


def _check_policy(name: str, environment: str) -> None:
    try:
        choose(name, assistant_of(environment))
    except InvalidPolicyError as error:
        raise InvalidPolicyError(str(error), place=("policy",)) from error


def _budget(options: SearchOptions, caps: ServeSettings) -> SearchBudget:
    asked = options.budget.model_dump(exclude_none=True)
    most = {
        "effort": caps.max_effort,
        "tactic_effort": caps.max_effort,
        "timeout_s": caps.max_timeout_s,
        "tactic_timeout_s": caps.max_timeout_s,
        "expansions": caps.max_expansions,
        "candidates": caps.max_candidates,
    }
    for name, value in asked.items():
        if value > most[name]:
            raise BeyondLimitError(f"{name} is at most {most[name]:g} here", place=("budget", name))
    budget = SearchBudget().changed(asked)
    limits = {name: value for name, value in budget.model_dump().items() if value is not None}
    return budget.model_copy(update={name: min(value, most[name]) for name, value in limits.items()})


async def with_known(services: Services, tasks: Sequence[ProofTask]) -> list[tuple[ProofTask, ProofRecord | None]]:
    """Return each task with its proof, if the cache has one that may be the answer as it is.

    Now and then such a proof is left to a worker, which verifies it again.
    """
    usable = [task for task in tasks if task.cache is CacheUse.USE]
    found = iter(await services.proofs.proved([task.theorem() for task in usable], services.environment.identity))
    answered: list[tuple[ProofTask, ProofRecord | None]] = []
    for task in tasks:
        record = next(found) if task.cache is CacheUse.USE else None
        if record is not None and random.random() < services.settings.redis.reverified:
            answered.append((task.model_copy(update={"cache": CacheUse.VERIFY}), None))
        else:
            answered.append((task, record))
    return answered
