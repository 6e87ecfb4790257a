"""Hypotheses that contradict each other: the statement holds then, and says nothing."""

from __future__ import annotations

from collections.abc import Sequence

from prover.core.proof_state import Closed
from prover.environments.environment import ProofSession
from prover.refutation.reading import TACTIC_S, introduced, with_types
from prover.refutation.values import Values
from prover.refutation.variables import Variable

CLOSERS = ("contradiction", "omega", "simp_all", "grind")
"""What proves `False` from hypotheses, the cheapest first; after that, computation for all values of finite types."""
EFFORT = 0.25
"""Units of effort for all of them."""


async def contradiction(session: ProofSession, *, effort: float = EFFORT) -> str | None:
    """Return what proves the session's theorem from a proof of `False`, if one is found. Not yet verified.

    A statement that concludes `False` says itself that its hypotheses contradict each other, and is passed over.
    """
    state, variables = await introduced(session)
    if state.goals[0].target == "False" or not _assumes(variables):
        return None
    by_cases = f"revert {' '.join(variable.name for variable in variables)}; decide"
    tactics = [
        f"intros\nhave impossible : _root_.False := by {closer}\nexact impossible.elim"
        for closer in (*CLOSERS, by_cases)
    ]
    outcomes = await session.apply(
        session.initial, tactics, timeout_s=TACTIC_S, effort=effort / len(tactics), effort_left=effort
    )
    if outcomes and isinstance(outcomes[-1], Closed):
        return tactics[len(outcomes) - 1]
    return None


def _assumes(variables: Sequence[Variable]) -> bool:
    """Is anything assumed beyond data of types that have values?"""
    return not all(v.type is not None and Values().known(with_types(v.type, variables)) for v in variables)
