"""An environment in front of another: does all as that one does. Subclasses do some of it in another way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager

from prover.core.proof_state import ProofState, TacticOutcome
from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import (
    OPEN_TIMEOUT_S,
    OpenedTheorem,
    ProofEnvironment,
    ProofSession,
    verified_later,
)


class WrappingEnvironment:
    """See ProofEnvironment, for each method."""

    def __init__(self, environment: ProofEnvironment) -> None:
        self._environment = environment

    @property
    def identity(self) -> str:
        """The identity of the environment behind it."""
        return self._environment.identity

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Return the theorem with what its `forbid` asks for."""
        return await self._environment.forbidding(theorem)

    def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AbstractAsyncContextManager[ProofSession]:
        """Start proving."""
        return self._environment.open(theorem, timeout_s=timeout_s)

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify a proof."""
        return await self._environment.check(theorem, tactics, timeout_s=timeout_s)

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify a whole text."""
        return await self._environment.check_source(source, against=against, timeout_s=timeout_s)

    async def close(self) -> None:
        """End all processes."""
        await self._environment.close()


class WrappingSession:
    """See ProofSession, for each method."""

    def __init__(self, session: ProofSession) -> None:
        self._session = session

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it."""
        return self._session.theorem

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        return self._session.initial

    @property
    def counts_effort(self) -> bool:
        """Whether the session behind it counts effort."""
        return self._session.counts_effort

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        """Try tactics on a state."""
        return await self._session.apply(
            state, tactics, timeout_s=timeout_s, effort=effort, deadline_s=deadline_s, effort_left=effort_left
        )

    def release(self, states: Iterable[ProofState]) -> None:
        """Let the assistant free these states."""
        self._session.release(states)

    def verified_later(self) -> None:
        """See ProvisionalSession."""
        verified_later(self._session)
