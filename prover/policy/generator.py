"""What search needs of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from prover.proof_state import ProofState
from prover.theorem import Theorem


@dataclass(frozen=True, slots=True)
class TacticCandidate:
    """A tactic worth trying, its log-probability (nats, at most 0), and what proposed it."""

    tactic: str
    logprob: float
    source: str


class TacticGenerator(Protocol):
    """A policy: proof states in, candidate tactics out.

    One that wants to know the theorem is also `TheoremAware`.
    """

    @property
    def identity(self) -> str:
        """Name, model, revision, prompt: part of every record."""

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int) -> list[list[TacticCandidate]]:
        """Return at most `n` candidates for each state, the most likely (or cheapest) first.

        Several states come in one call so that a model can work on them as a batch.

        Raises:
            GeneratorError: the policy cannot propose anything at all.
        """


@runtime_checkable
class TheoremAware(Protocol):
    """A policy that prepares for a theorem, for example by choosing which library theorems it may cite."""

    async def on(self, theorem: Theorem) -> TacticGenerator:
        """Return the policy for this theorem."""
