"""What search needs of a policy."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from prover.core.proof_state import ProofState, TacticOutcome
from prover.core.record import Verification
from prover.core.theorem import Theorem


@dataclass(frozen=True, slots=True)
class TacticCandidate:
    """A tactic worth trying, its log-probability (nats, at most 0), and what proposed it.

    `effort`: no more than this is worth spending on it (units, see `prover.core.effort`). `first_effort`: so much at
    first, and all of it only where everything else at the state has failed.
    """

    tactic: str
    logprob: float
    source: str
    effort: float = math.inf
    first_effort: float = math.inf


@dataclass(frozen=True, slots=True)
class Proposal:
    """Candidates for one state, the most likely (or cheapest) first.

    `more`: the log-probability (nats) of the best candidate left, or an estimate of it; None if none is left.
    """

    candidates: tuple[TacticCandidate, ...]
    more: float | None = None


def portion(candidates: Sequence[TacticCandidate], n: int, tried: int, staying: float = 0.0) -> Proposal:
    """Return the next `n` of a complete list of candidates. `staying`: nats by which those left go before others."""
    end = tried + n
    left = min(0.0, candidates[end].logprob + staying) if end < len(candidates) else None
    return Proposal(tuple(candidates[tried:end]), left)


class TacticGenerator(Protocol):
    """A policy: proof states in, candidate tactics out.

    One that wants to know the theorem is also `TheoremAware`; one that can work ahead, `Prefetching`; one that learns
    from failures, `Observant`.
    """

    @property
    def identity(self) -> str:
        """Name, model, revision, prompt: part of every record."""

    @property
    def reproducible(self) -> bool:
        """Does it propose the same for the same seed, on every machine?"""

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return at most `n` candidates for each state, after the first `tried` of them.

        Several states come in one call so that a model can work on them as a batch. A policy may return fewer than
        `n` though it has more (`Proposal.more`): cheap candidates come first, expensive ones only if those fail.

        Raises:
            GeneratorError: the policy cannot propose anything at all.
        """


@runtime_checkable
class TheoremAware(Protocol):
    """A policy that prepares for a theorem, for example by choosing which library theorems it may cite."""

    def for_theorem(self, theorem: Theorem) -> AbstractAsyncContextManager[TacticGenerator]:
        """Give the policy for this theorem; what it has begun ends with the context."""


def for_theorem(generator: TacticGenerator, theorem: Theorem) -> AbstractAsyncContextManager[TacticGenerator]:
    """Give the policy for a theorem: prepared if it wants to be, else as it is."""
    return generator.for_theorem(theorem) if isinstance(generator, TheoremAware) else nullcontext(generator)


@runtime_checkable
class Prefetching(Protocol):
    """A policy that can work ahead while the assistant tries tactics."""

    def prefetch(self, states: Sequence[ProofState], *, seed: int) -> None:
        """These states are likely to be asked for next, the likeliest first."""


@runtime_checkable
class Observant(Protocol):
    """A policy that learns from what became of its candidates."""

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """The assistant answered this."""


Check = Callable[[str], Awaitable[Verification]]
"""Has a whole proof of the theorem read as a text, in a fresh instance; every error comes with its place."""


@runtime_checkable
class ChecksProofs(Protocol):
    """A policy that wants to know all errors of a proof of its own, where the search tells one."""

    def checked_by(self, check: Check) -> None:
        """Proofs of this theorem can be checked like this."""


def let_check(generator: TacticGenerator, check: Check) -> None:
    """Tell a policy that wants to know how its proofs can be checked."""
    if isinstance(generator, ChecksProofs):
        generator.checked_by(check)


@runtime_checkable
class PlaceAware(Protocol):
    """A policy that reads the text around the place where its tactics will stand."""

    def at_place(self, context: str, prefix: str = "") -> None:
        """The next states stand behind this text; `prefix` is what has been typed of the next tactic."""


def put_at_place(generator: TacticGenerator, context: str, prefix: str = "") -> None:
    """Tell a policy that reads it what stands in front."""
    if isinstance(generator, PlaceAware):
        generator.at_place(context, prefix)


@runtime_checkable
class GoalAware(Protocol):
    """A policy that proves theorems whole, and may be used for a goal inside of a file."""

    def at_goal(self, stated: Theorem | None) -> None:
        """The next state is a goal that this theorem states as it is printed; None: it cannot be stated."""


def put_at_goal(generator: TacticGenerator, stated: Theorem | None) -> None:
    """Tell a policy that needs it what a goal states."""
    if isinstance(generator, GoalAware):
        generator.at_goal(stated)


@runtime_checkable
class ReportsNotes(Protocol):
    """A policy that goes on when a part of it fails, and says so."""

    @property
    def notes(self) -> Sequence[str]:
        """What failed."""


def notes_of(generator: TacticGenerator) -> tuple[str, ...]:
    """Return what failed, if the policy says so."""
    return tuple(generator.notes) if isinstance(generator, ReportsNotes) else ()
