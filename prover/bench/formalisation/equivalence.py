"""Does a statement say what the reference says? Each has to follow from the other, by a verified proof.

A lower bound: what is not shown may be equivalent all the same. What is shown has a proof that

- is accepted by `verify`, like any other;
- does not go through with `True` for the premise (then the conclusion stands alone) nor with `False` for the
  conclusion (then the premise contradicts itself);
- was found by means that do not, within the same budget, prove the conclusion without the premise;
- unless it only links the two: follows from a premise that the strongest of the means do not refute.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from prover.bench.formalisation.means import Means
from prover.bench.formalisation.statements import CANDIDATE, REFERENCE, Reference
from prover.core.record import Frozen, ProofRecord
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.prove import Objection, prove_theorem
from prover.proving.verify import verify

MOST_LEVELS = 3
VERIFY_TIMEOUT_S = 30.0
ALONE = "the conclusion is proved without the other statement"
CONTRADICTORY = "the premise contradicts itself"
NOT_FOUND = "no proof within the budget"
_OWN_LEVEL = re.compile(r"\bu_\d+\b")  # Lean's name for a universe that the text leaves open


class StatementOutcome(StrEnum):
    """What became of a model's statement."""

    EQUIVALENT = "equivalent"
    STRONGER = "stronger"  # implies the reference; the reverse is not shown
    WEAKER = "weaker"  # follows from the reference; the reverse is not shown
    NOT_SHOWN = "not_shown"
    DOES_NOT_COMPILE = "does_not_compile"


class Direction(Frozen):
    """One implication. `proof` is the whole text that verification accepted."""

    shown: bool
    means: str | None = None
    tactics: tuple[str, ...] = ()
    proof: str | None = None
    reason: str | None = Field(default=None, description="why it is not shown")


class EquivalenceCheck(Frozen):
    """A statement that compiles beside the reference: `forward` is that it implies the reference."""

    forward: Direction
    backward: Direction

    @property
    def outcome(self) -> StatementOutcome:
        """The verdict of both directions together."""
        match self.forward.shown, self.backward.shown:
            case True, True:
                return StatementOutcome.EQUIVALENT
            case True, False:
                return StatementOutcome.STRONGER
            case False, True:
                return StatementOutcome.WEAKER
            case _:
                return StatementOutcome.NOT_SHOWN


class Judge:
    """Compares statements with one reference; what it learns of the reference alone, it keeps."""

    def __init__(
        self,
        reference: Reference,
        means: Sequence[Means],
        environment: ProofEnvironment,
        *,
        seed: int = 0,
        cancel: asyncio.Event | None = None,
    ) -> None:
        self._reference = reference
        self._means = means
        self._environment = environment
        self._seed = seed
        self._cancel = cancel
        self._of_reference: dict[tuple[str, str | None], bool] = {}

    async def compare(self, candidate: str) -> EquivalenceCheck:
        """Return whether each follows from the other. The candidate compiles; if cancelled, what was not shown is not.

        Raises:
            ProofEnvironmentError: the proof assistant failed.
            GeneratorError: the policy failed.
        """
        try:
            levels = await self._levels(candidate)
            return EquivalenceCheck(
                forward=await self._direction(candidate, levels, CANDIDATE, REFERENCE),
                backward=await self._direction(candidate, levels, REFERENCE, CANDIDATE),
            )
        except InvalidTheoremError as error:
            said = next((message.text for message in error.messages if message.severity == "error"), error.reason)
            failed = Direction(shown=False, reason=f"the implication cannot be stated: {said}"[:1000])
            return EquivalenceCheck(forward=failed, backward=failed)

    async def _levels(self, candidate: str) -> int:
        """Return how many universes the statements share: as many as both leave open, at most MOST_LEVELS."""
        async with self._environment.open(self._reference.implication(candidate, CANDIDATE, REFERENCE)) as session:
            if not _OWN_LEVEL.search(session.initial.text):
                return 0
        for levels in range(MOST_LEVELS, 0, -1):
            shared = self._reference.implication(candidate, CANDIDATE, REFERENCE, levels=levels)
            try:
                async with self._environment.open(shared):
                    return levels
            except InvalidTheoremError:
                continue
        return 0

    async def _direction(self, candidate: str, levels: int, premise: str, conclusion: str) -> Direction:
        implication = self._reference.implication(candidate, premise, conclusion, levels=levels)
        for means in self._means:

            async def objection(tactics: tuple[str, ...], means: Means = means) -> str | None:
                await self._require_both(tactics, means, candidate, premise, conclusion)
                return None

            try:
                record = await self._prove(implication, means, objection if means.proves else None)
                if not record.proved:
                    continue
                if means.proves and await self._proves(candidate, means, None, conclusion):
                    raise _DecidedError(ALONE)
                if means.refutes and await self._proves(candidate, self._means[-1], premise, None):
                    raise _DecidedError(CONTRADICTORY)
            except _DecidedError as decided:
                return Direction(shown=False, reason=str(decided))
            return Direction(shown=True, means=means.name, tactics=record.proof_tactics, proof=record.proof)
        return Direction(shown=False, reason=NOT_FOUND)

    async def _require_both(
        self, tactics: tuple[str, ...], means: Means, candidate: str, premise: str, conclusion: str
    ) -> None:
        """Raise _DecidedError if a proof goes through without the premise, or without the conclusion."""
        less = [(None, conclusion, ALONE), *([(premise, None, CONTRADICTORY)] if means.refutes else [])]
        for left, right, reason in less:
            other = self._reference.implication(candidate, left, right)
            if (await verify(other, tactics, self._environment, timeout_s=VERIFY_TIMEOUT_S)).accepted:
                raise _DecidedError(reason)

    async def _proves(self, candidate: str, means: Means, premise: str | None, conclusion: str | None) -> bool:
        """Do these means prove the conclusion alone, or a contradiction from the premise?"""
        of_reference = REFERENCE in (premise, conclusion)
        key = (means.name, premise)
        if of_reference and key in self._of_reference:
            return self._of_reference[key]
        alone = self._reference.implication(candidate, premise, conclusion)
        proved = (await self._prove(alone, means, None)).proved
        if of_reference and not (self._cancel and self._cancel.is_set()):
            self._of_reference[key] = proved
        return proved

    async def _prove(self, theorem: Theorem, means: Means, objection: Objection | None) -> ProofRecord:
        return await prove_theorem(
            theorem,
            environment=self._environment,
            generator=means.policy,
            budget=means.budget,
            seed=self._seed,
            cancel=self._cancel,
            objection=objection,
        )


class _DecidedError(Exception):
    """A search has shown that there is no implication to be shown by its means."""
