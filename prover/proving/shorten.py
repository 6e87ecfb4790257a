"""Shorter proofs: what a tactic tries in vain after the goal is closed is left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from prover.core.proof_state import Closed, ProofState, TacticOutcome
from prover.environments.environment import OpenedTheorem, ProofSession, each

THEN_ON_ALL = " <;> "
"""Lean's combinator that runs a tactic on every goal left by the one before, perhaps on none."""


class ShorteningSession:
    """A session in which a tactic that closes the theorem is written without combined tactics that it did not need.

    Trying the shorter ones is not part of the search: it has the limits of the tactic itself, and counts as nothing.
    """

    def __init__(self, session: ProofSession) -> None:
        self._session = session

    @property
    def theorem(self) -> OpenedTheorem:
        """That of the session."""
        return self._session.theorem

    @property
    def initial(self) -> ProofState:
        """That of the session."""
        return self._session.initial

    @property
    def counts_effort(self) -> bool:
        """That of the session."""
        return self._session.counts_effort

    def release(self, states: Iterable[ProofState]) -> None:
        """See ProofSession."""
        self._session.release(states)

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
        """Try each tactic; see ProofSession. `written` of the one that closes the theorem is its shortest form."""
        outcomes = await self._session.apply(
            state, tactics, timeout_s=timeout_s, effort=effort, deadline_s=deadline_s, effort_left=effort_left
        )
        if outcomes and isinstance(closing := outcomes[-1], Closed):
            last = len(outcomes) - 1
            shorter = shorter_forms(closing.written or tactics[last])
            if shorter:
                most = each(effort, tactics)[last]
                tried = await self._session.apply(state, shorter, effort=most, timeout_s=timeout_s)
                if tried and isinstance(tried[-1], Closed):
                    outcomes[last] = replace(closing, written=shorter[len(tried) - 1])
        return outcomes


def shorter_forms(tactic: str) -> list[str]:
    """Return the beginnings of a combined tactic, the shortest first.

    >>> shorter_forms("constructor <;> simp_all <;> omega")
    ['constructor', 'constructor <;> simp_all']
    """
    parts = tactic.split(THEN_ON_ALL)
    return [THEN_ON_ALL.join(parts[:n]) for n in range(1, len(parts))]
