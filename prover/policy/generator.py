"""What search needs of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from prover.proof_state import ProofState


@dataclass(frozen=True, slots=True)
class TacticCandidate:
    """A tactic worth trying, its log-probability (nats, at most 0), and what proposed it."""

    tactic: str
    logprob: float
    source: str


class TacticGenerator(Protocol):
    """A policy: proof states in, candidate tactics out."""

    @property
    def identity(self) -> str:
        """Name, model, revision, prompt: part of every record."""

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int) -> list[list[TacticCandidate]]:
        """Return at most `n` candidates for each state, the most likely (or cheapest) first.

        Several states come in one call so that a model can work on them as a batch.

        Raises:
            GeneratorError: the policy cannot propose anything at all.
        """
