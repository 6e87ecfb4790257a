"""One attempt at a job: an answer from the cache or a search; failures of every kind become results."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from prover.core.record import ProofRecord, StopReason
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment
from prover.environments.machine_limits import BUSY
from prover.errors import (
    GeneratorError,
    InvalidPolicyError,
    InvalidPromptError,
    InvalidTheoremError,
    ModelUnavailableError,
    ProofEnvironmentError,
)
from prover.jobs.job import CacheUse, FailureMessage, JobFailure, ProofTask
from prover.policies.generator import TacticGenerator
from prover.proving.closest import CLOSEST
from prover.proving.prove import REFUTING, prove_theorem
from prover.proving.verify import verify
from prover.search.events import EventListener
from prover.storage.accepted_proofs import ProofCache

logger = logging.getLogger(__name__)

CANCEL_S = 5.0
"""Grace period of a search that is told to stop, before it is cancelled outright."""
DEADLINE_MARGIN_S = 120.0
SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Upper bounds of the histogram of proof times."""


@dataclass(frozen=True, slots=True)
class AttemptContext:
    """What the attempts of a worker share: how to open an environment and a policy, the cache, and limits."""

    environment: Callable[[], ProofEnvironment]
    policy: Callable[[str | None], Awaitable[TacticGenerator]]
    proofs: ProofCache
    verify_timeout_s: float
    reverified: float = 0.0


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """Result of an attempt: a record, or why there is none.

    `retry`: another attempt may succeed. `outage`: what the job depends on is away, which is no fault of the job's.
    """

    record: ProofRecord | None = None
    failure: JobFailure | None = None
    retry: bool = False
    outage: bool = False
    cached: bool = False
    sums: dict[str, float] = field(default_factory=dict)


class WorkerSlot:
    """One of the concurrent slots of a worker, with its own environment, which is replaced when it fails."""

    def __init__(self, context: AttemptContext) -> None:
        self.context = context
        self._environment: ProofEnvironment | None = None

    def open(self) -> ProofEnvironment:
        """Return the environment, opened anew if it has been closed."""
        if self._environment is None:
            self._environment = self.context.environment()
        return self._environment

    async def close(self) -> None:
        """End all processes. The next attempt starts new ones."""
        environment, self._environment = self._environment, None
        if environment is not None:
            await environment.close()

    async def attempt(self, task: ProofTask, *, listener: EventListener | None, cancel: asyncio.Event) -> AttemptResult:
        """Try to prove. Whatever fails, the failure is the result and not an exception."""
        started = time.monotonic()
        limit_s = BUSY * OPEN_TIMEOUT_S + task.budget.timeout_s + 3 * self.context.verify_timeout_s + DEADLINE_MARGIN_S
        work = asyncio.ensure_future(self._prove(task, listener, cancel))
        stop = asyncio.ensure_future(cancel.wait())
        try:
            await asyncio.wait({work, stop}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                await asyncio.wait({work}, timeout=CANCEL_S)
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
                if stop.done():
                    return AttemptResult()
                await self.close()
                return _failed("machine", f"the attempt did not end within {limit_s:.0f} s", retry=True)
            if work.cancelled():  # by the caller
                return AttemptResult()
            result = work.result()
        except (InvalidTheoremError, InvalidPolicyError, InvalidPromptError) as error:
            return AttemptResult(failure=_as_failure(error))
        except ModelUnavailableError as error:  # the proof assistant is fine
            return replace(_failed("machine", str(error), retry=False), outage=True)
        except (ProofEnvironmentError, GeneratorError) as error:
            await self.close()
            return _failed("machine", str(error), retry=True)
        except Exception as error:
            logger.exception("an attempt failed")
            await self.close()
            return _failed("internal", f"{type(error).__name__}: {error}", retry=True)
        finally:
            for task_left in (work, stop):
                task_left.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
        record = result.record
        if record is not None:
            result.sums.update(_sums(record, time.monotonic() - started, cached=result.cached))
        return result

    async def _prove(self, task: ProofTask, listener: EventListener | None, cancel: asyncio.Event) -> AttemptResult:
        theorem, environment, proofs = task.theorem(), self.open(), self.context.proofs
        generator = await self.context.policy(task.policy)
        sums: Counter[str] = Counter()
        if task.cache is not CacheUse.IGNORE:
            (known,) = await proofs.settled([theorem], environment.identity)
            if known is not None:
                reverify = task.cache is CacheUse.VERIFY or random.random() < self.context.reverified
                record = await self._verified_again(task, known, sums) if reverify else known
                if record is not None:
                    return AttemptResult(record=record, cached=True, sums=dict(sums))
            else:
                tried = await proofs.attempted(
                    theorem, environment.identity, generator.identity, task.budget, task.seed
                )
                if tried is not None:
                    return AttemptResult(record=tried, cached=True)
        record = await prove_theorem(
            theorem,
            environment=environment,
            generator=generator,
            budget=task.budget,
            seed=task.seed,
            verify_timeout_s=self.context.verify_timeout_s,
            listener=listener,
            cancel=cancel,
            refuting=REFUTING,
            closest=CLOSEST,
        )
        await proofs.keep(theorem, record)
        return AttemptResult(record=record, sums=dict(sums))

    async def _verified_again(self, task: ProofTask, known: ProofRecord, sums: Counter[str]) -> ProofRecord | None:
        """Verify a proof from the cache again; if it is rejected, drop it. A counterexample is looked for afresh.

        Returns None if the search has to say.
        """
        if known.refutation is not None:
            return None
        theorem = task.theorem()
        prepared = await self.open().forbidding(theorem) if theorem.forbid else theorem
        tactics = known.proof_tactics
        verification = await verify(prepared, tactics, self.open(), timeout_s=self.context.verify_timeout_s)
        sums["reverified"] += 1
        if verification.accepted:
            return known.model_copy(update={"verification": verification})
        sums["reverification_rejected"] += 1
        logger.error("a proof from the cache does not verify (%s): %s", theorem.digest[:16], verification.reason)
        await self.context.proofs.forget(theorem, self.open().identity)
        return None


def was_cancelled(result: AttemptResult) -> bool:
    """Was the search cancelled before it ended by itself?"""
    return result.record is not None and not result.record.proved and result.record.search.stop is StopReason.CANCELLED


def _failed(kind: str, reason: str, *, retry: bool) -> AttemptResult:
    return AttemptResult(failure=JobFailure.model_validate({"kind": kind, "reason": reason[:2000]}), retry=retry)


def _as_failure(error: InvalidTheoremError | InvalidPolicyError | InvalidPromptError) -> JobFailure:
    if not isinstance(error, InvalidTheoremError):
        return JobFailure(kind="invalid_policy", reason=str(error))
    messages = tuple(
        FailureMessage(severity=m.severity, text=m.text[:2000], line=m.line, column=m.column)
        for m in error.messages[:50]
    )
    return JobFailure(kind="invalid_theorem", reason=error.reason, hint=error.hint, messages=messages)


def _sums(record: ProofRecord, seconds: float, *, cached: bool) -> dict[str, float]:
    """Return what a finished attempt adds to the totals, by name."""
    if cached:
        return {"answered:cache": 1}
    counts = record.search.statistics
    sums: dict[str, float] = {
        "tactics:advanced": counts.advanced,
        "tactics:rejected": counts.rejected,
        "tactics:gave_up": counts.gave_up,
        "tactics:out_of_effort": counts.out_of_effort,
        "tactics:timed_out": counts.timed_out,
        "effort": counts.effort,
        "expansions": counts.expansions,
        "answered:search": 1,
        f"stopped:{record.search.stop}": 1,
        "proof_seconds:sum": seconds,
    }
    bucket = next((bound for bound in SECONDS if seconds <= bound), float("inf"))
    sums[f"proof_seconds:{bucket:g}"] = 1
    if record.verification is not None:
        sums |= {"verifications": 1, "verification_seconds": record.verification.elapsed_s}
    return sums
