"""From a theorem to a verified proof that its hypotheses contradict each other."""

from __future__ import annotations

import asyncio
import logging

from prover.core.record import Contradiction
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.errors import ProofEnvironmentError
from prover.proving.verify import verify
from prover.refutation.contradiction import contradiction
from prover.refutation.negation import can_be_negated
from prover.search.cancelling import cancelled_by

logger = logging.getLogger(__name__)


async def find_contradiction(
    theorem: Theorem,
    environment: ProofEnvironment,
    *,
    verify_timeout_s: float,
    cancel: asyncio.Event | None = None,
) -> Contradiction | None:
    """Look for a proof of `False` from the hypotheses of a Lean statement and verify what is found.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
        CancelledError: `cancel` was set.
    """
    with cancelled_by(cancel):
        async with environment.open(theorem) as session:
            return await _found(session, theorem, environment, verify_timeout_s)


async def contradiction_in(
    session: ProofSession, theorem: Theorem, environment: ProofEnvironment, *, verify_timeout_s: float
) -> Contradiction | None:
    """Look for it where the theorem was proved; a machine that fails costs this answer, and not the proof."""
    try:
        return await _found(session, theorem, environment, verify_timeout_s)
    except ProofEnvironmentError as error:
        logger.warning("whether the hypotheses contradict each other is not known: %s", error)
        return None


async def _found(
    session: ProofSession, theorem: Theorem, environment: ProofEnvironment, verify_timeout_s: float
) -> Contradiction | None:
    if not can_be_negated(theorem):  # the header could give `False` another meaning
        return None
    tactic = await contradiction(session)
    if tactic is None:
        return None
    verification = await verify(theorem, [tactic], environment, timeout_s=verify_timeout_s)
    return Contradiction(tactics=(tactic,), verification=verification) if verification.accepted else None
