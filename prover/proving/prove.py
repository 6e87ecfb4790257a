"""From a statement to a record: the one path that every front end calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from prover._version import __version__
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.record import (
    Contradiction,
    ProofRecord,
    Refutation,
    SearchResult,
    Shortening,
    StopReason,
    UnfinishedProof,
    Verification,
)
from prover.core.theorem import Theorem
from prover.environments.environment import (
    OPEN_TIMEOUT_S,
    OpenedTheorem,
    ProofEnvironment,
    ProofSession,
    verified_later,
)
from prover.policies.generator import TacticGenerator, for_theorem, let_check, notes_of
from prover.proving.advice import AskedFor, advice
from prover.proving.closest import closest_proofs, rank
from prover.proving.contradiction import contradiction_in
from prover.proving.refute import refute, refute_at_once, refutes_unasked
from prover.proving.refuting_beside import RefutingBeside
from prover.proving.shortening.last_tactic import shorten_in
from prover.proving.shortening.shorten import EFFORT as SHORTENING
from prover.proving.shortening.shorten import effort_for, shortened, shortens
from prover.proving.shortening.trials import KnownOutcomes
from prover.proving.verify import verify
from prover.refutation.goals import GoalRefuter
from prover.search.best_first import best_first_search
from prover.search.cancelling import SearchCancelledError, cancelled_by, unless_cancelled
from prover.search.events import EventListener, each_of
from prover.search.unfinished import UnfinishedPaths

VERIFY_TIMEOUT_S = 300.0  # ends only what hangs: on a busy machine a proof is still a proof
CHECK_TIMEOUT_S = 60.0
"""Of a failed proof that a policy wants to know the errors of."""
REFUTING = 2.0
"""Units of effort for counterexamples, where nobody says otherwise."""
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
    closest: int = 0,
    shortening: float = SHORTENING,
    test_goals: bool = False,
) -> ProofRecord:
    """Search for a proof and verify what is found; the record says how it went.

    `objection` is asked about every accepted proof; if it has one, the search goes on as after a refused proof.

    What is done beside the search has its own effort, in units beyond the budget, with the embedded Lean. `refuting`:
    for counterexamples, if the search takes long: for a moment the smallest, then others beside it. Of a theorem that
    is proved, it is asked whether the hypotheses contradict each other. `shortening`: the most for a shorter proof,
    which takes about as much as the search took; not with an `objection`. `closest`: how many unfinished proofs to show
    of a statement that is neither proved nor refuted. `test_goals`: test every new goal at a few small values, and put
    off what is false; this is of the search, and of its budget.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
        GeneratorError: the policy failed.
        CancelledError: `cancel` was set while the proof assistant was still awaited.
    """
    if theorem.forbid:
        with cancelled_by(cancel):
            theorem = await environment.forbidding(theorem)
    attempt = _Attempt(
        theorem,
        environment,
        budget or SearchBudget(),
        seed,
        verify_timeout_s,
        cancel,
        objection,
        refuting=refuting if refutes_unasked(environment) else 0.0,
        shortening=shortening if objection is None and shortens(environment) else 0.0,
        closest=closest,
        test_goals=test_goals and refutes_unasked(environment),
    )
    return await attempt.run(generator, listener)


@dataclass(slots=True)
class _Attempt:
    """One attempt at a theorem, and what is known of it so far."""

    theorem: Theorem
    environment: ProofEnvironment
    budget: SearchBudget
    seed: int
    verify_timeout_s: float
    cancel: asyncio.Event | None
    objection: Objection | None
    refuting: float
    shortening: float
    closest: int
    test_goals: bool
    verification: Verification | None = None
    shorter: Shortening | None = None
    refutation: Refutation | None = None
    contradiction: Contradiction | None = None
    unfinished: tuple[UnfinishedProof, ...] = ()
    refused: list[str] = field(default_factory=list)
    by_clock: bool = False
    paths: UnfinishedPaths = field(default_factory=lambda: UnfinishedPaths(rank))
    asked_for: AskedFor = field(default_factory=AskedFor)
    known: KnownOutcomes = field(default_factory=KnownOutcomes)

    async def run(self, generator: TacticGenerator, listener: EventListener | None) -> ProofRecord:
        """Search, and do what the outcome calls for."""
        started = time.monotonic()
        reading_s = min(OPEN_TIMEOUT_S, max(SHORTEST_READING_S, self.budget.timeout_s))
        async with AsyncExitStack() as stack:
            with cancelled_by(self.cancel):
                session = await stack.enter_async_context(self.environment.open(self.theorem, timeout_s=reading_s))
                policy = await stack.enter_async_context(for_theorem(generator, self.theorem))
            verified_later(session)
            let_check(policy, self._check)
            result = await self._decide(session, policy, listener)
            if result.stop is StopReason.FOUND:
                await self._improve(session, result)
        if self.refutation is None and result.stop not in (StopReason.FOUND, StopReason.CANCELLED):
            with cancelled_by(self.cancel):
                self.unfinished = await closest_proofs(
                    self.paths.best,
                    self.theorem,
                    session.theorem,
                    self.environment,
                    most=self.closest,
                    cancel=self.cancel,
                )
        return self._record(session.theorem, policy, result, time.monotonic() - started)

    async def _decide(
        self, session: ProofSession, policy: TacticGenerator, listener: EventListener | None
    ) -> SearchResult:
        """Search for a proof; if that takes long, for a counterexample: first among the smallest, then beside it."""
        if self.refuting <= 0:
            return await self._search(session, policy, listener)
        async with RefutingBeside(self._refute) as beside:
            searching = self._search(session, policy, each_of(beside, *([listener] if listener else [])))
            try:
                result = await unless_cancelled(beside.found, searching)
            except SearchCancelledError:
                result = SearchResult(stop=StopReason.REFUTED)
            if result.stop in (StopReason.FOUND, StopReason.CANCELLED) or self.refutation:
                return result
            with cancelled_by(self.cancel):
                self.refutation = await beside.start()
        return result

    async def _search(
        self, session: ProofSession, policy: TacticGenerator, listener: EventListener | None
    ) -> SearchResult:
        told = (self.paths, self.asked_for, self.known if self.shortening > 0 else None, listener)
        return await best_first_search(
            session,
            policy,
            BudgetMeter(self.budget),
            seed=self.seed,
            confirm=self._confirm,
            shorten=shorten_in(session, timeout_s=self.budget.tactic_timeout_s),
            refuted=partial(self._refuted_at_once, session) if self.refuting > 0 else None,
            goal_test=GoalRefuter() if self.test_goals else None,
            listener=each_of(*(each for each in told if each)),
            cancel=self.cancel,
        )

    async def _verify(self, tactics: tuple[str, ...]) -> Verification:
        return await verify(self.theorem, tactics, self.environment, timeout_s=self.verify_timeout_s)

    async def _check(self, proof: str) -> Verification:
        return await verify(self.theorem, (proof,), self.environment, timeout_s=CHECK_TIMEOUT_S)

    async def _confirm(self, tactics: tuple[str, ...]) -> bool:
        """Does verification accept what the search has found, and nobody object?"""
        verification = await self._verify(tactics)
        if verification.accepted and self.objection and (reason := await self.objection(tactics)):
            verification = verification.model_copy(update={"accepted": False, "reason": reason})
        if not verification.accepted:
            self.refused.append(f"{'; '.join(tactics)}: {verification.reason}")
            self.by_clock = self.by_clock or verification.timed_out
        self.verification = verification
        return verification.accepted

    async def _refute(self) -> Refutation | None:
        return await refute(
            self.theorem, self.environment, effort=self.refuting, verify_timeout_s=self.verify_timeout_s
        )

    async def _refuted_at_once(self, session: ProofSession) -> bool:
        self.refutation = await refute_at_once(
            self.theorem, session, self.environment, verify_timeout_s=self.verify_timeout_s
        )
        return self.refutation is not None

    async def _improve(self, session: ProofSession, result: SearchResult) -> None:
        """Make an accepted proof shorter, and ask whether it holds for the right reason."""
        if self.shortening > 0 and self.verification:
            self.verification, self.shorter = await shortened(
                result.tactics or (),
                self.verification,
                self._verify,
                session,
                self.known,
                effort=effort_for(result.statistics.effort, self.shortening),
                timeout_s=self.budget.tactic_timeout_s,
                cancel=self.cancel,
            )
            self.by_clock = self.by_clock or self.shorter.by_clock
        if self.refuting > 0:
            self.contradiction = await contradiction_in(
                session, self.theorem, self.environment, verify_timeout_s=self.verify_timeout_s
            )

    def _record(
        self, opened: OpenedTheorem, policy: TacticGenerator, result: SearchResult, elapsed_s: float
    ) -> ProofRecord:
        record = ProofRecord(
            prover_version=__version__,
            name=opened.name,
            statement=opened.statement,
            header=opened.header,
            imports=opened.imports or self.theorem.imports,
            digest=self.theorem.digest,
            environment=self.environment.identity,
            policy=policy.identity,
            budget=self.budget,
            seed=self.seed,
            search=result.model_copy(update={"reproducible": result.reproducible and not self.by_clock}),
            verification=self.verification,
            shortening=self.shorter,
            refutation=self.refutation,
            contradiction=self.contradiction,
            refused=tuple(self.refused),
            notes=(*_reading_notes(opened, self.environment.identity), *notes_of(policy)),
            closest=self.unfinished,
            elapsed_s=elapsed_s,
        )
        return record.model_copy(update={"advice": advice(record, self.asked_for.names)})


def _reading_notes(opened: OpenedTheorem, environment: str) -> tuple[str, ...]:
    """Return what the user should know of how the assistant read the statement."""
    if not opened.auto_bound:
        return ()
    names = ", ".join(opened.auto_bound)
    why = "to Isabelle" if environment.startswith("isabelle") else "by Lean's option autoImplicit (its default)"
    return (f"declared nowhere, so variables {why}: {names}",)
