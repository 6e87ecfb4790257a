"""Shorter proofs: what a combined tactic tries in vain, once the goal is closed, is left out."""

from __future__ import annotations

from prover.core.proof_state import Closed, ProofState
from prover.environments.environment import ProofSession
from prover.search.best_first import Shorten

THEN_ON_ALL = " <;> "
"""Lean's combinator that runs a tactic on every goal left by the one before, perhaps on none."""


def shorten_in(session: ProofSession, *, timeout_s: float) -> Shorten:
    """Return a function that tries the beginnings of a closing tactic, the shortest first, and returns what closes."""

    async def shorten(state: ProofState, tactic: str, effort: float) -> str:
        shorter = beginnings(tactic)
        if not shorter:
            return tactic
        outcomes = await session.apply(state, shorter, effort=effort, timeout_s=timeout_s)
        return shorter[len(outcomes) - 1] if outcomes and isinstance(outcomes[-1], Closed) else tactic

    return shorten


def beginnings(tactic: str) -> list[str]:
    """Return the proper beginnings of a combined tactic, the shortest first.

    >>> beginnings("constructor <;> simp_all <;> omega")
    ['constructor', 'constructor <;> simp_all']
    """
    parts = tactic.split(THEN_ON_ALL)
    return [THEN_ON_ALL.join(parts[:n]) for n in range(1, len(parts))]
