"""Quick tests of new states: one that is shown to be false waits until nothing else is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from prover.core.proof_state import ProofState
from prover.environments.environment import ProofSession


@dataclass(frozen=True, slots=True)
class GoalAnswer:
    """What a test says of a state. `counterexample`: for which values a goal of it is false, in words."""

    counterexample: str | None = None
    effort: float = 0.0


class GoalTest(Protocol):
    """Looks for a counterexample of a goal. What it says only orders the search: nothing is given up for it."""

    async def __call__(self, session: ProofSession, state: ProofState, *, effort_left: float) -> GoalAnswer:
        """Test a state that the session returned, with no more effort than that.

        Raises:
            SessionCrashedError: the assistant ended and the state could not be restored.
        """
