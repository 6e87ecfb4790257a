"""From a statement to a record: the one path that every front end calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from prover._version import __version__
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.record import ProofRecord, Refutation, SearchResult, Shortening, StopReason, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment
from prover.policies.generator import TacticGenerator, for_theorem, notes_of
from prover.proving.refute import refute, refutes_unasked
from prover.proving.shortening.last_tactic import shorten_in
from prover.proving.shortening.shorten import EFFORT as SHORTENING
from prover.proving.shortening.shorten import effort_for, shortened, shortens
from prover.proving.shortening.trials import KnownOutcomes
from prover.proving.verify import verify
from prover.search.best_first import best_first_search
from prover.search.cancelling import cancelled_by
from prover.search.events import EventListener, each_of

VERIFY_TIMEOUT_S = 300.0  # ends only what hangs: on a busy machine a proof is still a proof
REFUTING = 2.0
"""Units of effort for counterexamples, where nobody says otherwise."""
REFUTING_FIRST = 0.25
"""Of that, what is spent before the search."""
SHORTEST_READING_S = 5.0  # for the statement, however small the budget

Objection = Callable[[tuple[str, ...]], Awaitable[str | None]]
"""Why a proof that verification accepts is still not what was asked for, or None."""


async def prove_theorem(
    theorem: Theorem,
    *,
    environment: ProofEnvironment,
    generator: TacticGenerator,
    budget: SearchBudget | None = None,
    seed: int = 0,
    verify_timeout_s: float = VERIFY_TIMEOUT_S,
    listener: EventListener | None = None,
    cancel: asyncio.Event | None = None,
    objection: Objection | None = None,
    refuting: float = 0.0,
    shortening: float = SHORTENING,
) -> ProofRecord:
    """Search for a proof and verify what is found; the record says how it went.

    `objection` is asked about every accepted proof; if it has one, the search goes on as after a refused proof.
    `refuting`: units of effort, beyond the budget, for counterexamples, with the embedded Lean. A little of it is spent
    first, and the rest if the search finds no proof. `shortening`: the most units of effort, beyond the
    budget, for a shorter proof, with the embedded Lean and without an `objection`; about as many as the search took.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
        GeneratorError: the policy failed.
        CancelledError: `cancel` was set while the proof assistant was still awaited.
    """
    budget = budget or SearchBudget()
    started = time.monotonic()
    if theorem.forbid:
        with cancelled_by(cancel):
            theorem = await environment.forbidding(theorem)
    verification: Verification | None = None
    refused: list[str] = []
    by_clock = False

    async def verified(tactics: tuple[str, ...]) -> Verification:
        return await verify(theorem, tactics, environment, timeout_s=verify_timeout_s)

    async def confirm(tactics: tuple[str, ...]) -> bool:
        nonlocal verification, by_clock
        verification = await verified(tactics)
        if verification.accepted and objection and (reason := await objection(tactics)):
            verification = verification.model_copy(update={"accepted": False, "reason": reason})
        if not verification.accepted:
            refused.append(f"{'; '.join(tactics)}: {verification.reason}")
            by_clock = by_clock or verification.timed_out
        return verification.accepted

    async def refuted(effort: float) -> Refutation | None:
        if effort <= 0 or not refutes_unasked(environment):
            return None
        return await refute(theorem, environment, effort=effort, verify_timeout_s=verify_timeout_s, cancel=cancel)

    refutation = await refuted(min(refuting, REFUTING_FIRST))
    shorter: Shortening | None = None
    known = KnownOutcomes() if shortening > 0 and objection is None and shortens(environment) else None
    reading_s = min(OPEN_TIMEOUT_S, max(SHORTEST_READING_S, budget.timeout_s))
    async with AsyncExitStack() as stack:
        with cancelled_by(cancel):
            session = await stack.enter_async_context(environment.open(theorem, timeout_s=reading_s))
            policy = await stack.enter_async_context(for_theorem(generator, theorem))
        opened = session.theorem
        result = SearchResult(stop=StopReason.REFUTED)
        if refutation is None:
            result = await best_first_search(
                session,
                policy,
                BudgetMeter(budget),
                seed=seed,
                confirm=confirm,
                shorten=shorten_in(session, timeout_s=budget.tactic_timeout_s),
                listener=each_of(*(each for each in (known, listener) if each)),
                cancel=cancel,
            )
        if known and verification and result.stop is StopReason.FOUND:
            verification, shorter = await shortened(
                result.tactics or (),
                verification,
                verified,
                session,
                known,
                effort=effort_for(result.statistics.effort, shortening),
                timeout_s=budget.tactic_timeout_s,
                cancel=cancel,
            )
            by_clock = by_clock or shorter.by_clock
    if refutation is None and result.stop not in (StopReason.FOUND, StopReason.CANCELLED):
        refutation = await refuted(refuting - REFUTING_FIRST)
    return ProofRecord(
        prover_version=__version__,
        name=opened.name,
        statement=opened.statement,
        header=opened.header,
        imports=theorem.imports,
        digest=theorem.digest,
        environment=environment.identity,
        policy=policy.identity,
        budget=budget,
        seed=seed,
        search=result.model_copy(update={"reproducible": result.reproducible and not by_clock}),
        verification=verification,
        shortening=shorter,
        refutation=refutation,
        refused=tuple(refused),
        notes=notes_of(policy),
        elapsed_s=time.monotonic() - started,
    )
