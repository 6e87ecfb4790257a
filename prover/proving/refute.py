"""From a statement to a verified refutation."""

from __future__ import annotations

import asyncio
import logging

from prover.core.record import Refutation
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.errors import InvalidTheoremError
from prover.proving.verify import verify
from prover.refutation.refute import FoundRefutation, find_refutation, refutation_at_once
from prover.search.cancelling import cancelled_by

logger = logging.getLogger(__name__)

VERIFY_TIMEOUT_S = 300.0  # ends only what hangs
EFFORT = 10.0
"""Units of effort that the search for a counterexample may take by default."""


def refutes_unasked(environment: ProofEnvironment) -> bool:
    """Are counterexamples looked for beside every search? With the embedded Lean; elsewhere nobody has measured it."""
    return environment.identity.startswith("lean4@") and environment.identity.endswith("+core.wasm32")


async def refute(
    theorem: Theorem,
    environment: ProofEnvironment,
    *,
    effort: float = EFFORT,
    verify_timeout_s: float = VERIFY_TIMEOUT_S,
    cancel: asyncio.Event | None = None,
) -> Refutation | None:
    """Look for a counterexample and verify what is found; None if nothing is, or nothing holds.

    In Isabelle, its tools are asked; what they claim beyond that is in `refute_isabelle`.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
        CancelledError: `cancel` was set.
    """
    if environment.identity.startswith("isabelle@"):
        from prover.environments.isabelle.environment import IsabelleEnvironment
        from prover.proving.refute_isabelle import refute_in_isabelle  # these take long to import

        assert isinstance(environment, IsabelleEnvironment)
        claims = await refute_in_isabelle(
            theorem, environment, effort=effort, verify_timeout_s=verify_timeout_s, cancel=cancel
        )
        return claims.refutation
    with cancelled_by(cancel):
        found = await find_refutation(theorem, environment, effort=effort)
        return await _verified(found, environment, verify_timeout_s)


async def refute_at_once(
    theorem: Theorem, session: ProofSession, environment: ProofEnvironment, *, verify_timeout_s: float
) -> Refutation | None:
    """Try a few small values in the session of the statement itself, and verify what is found.

    Raises:
        ProofEnvironmentError: the proof assistant failed.
    """
    found = await refutation_at_once(theorem, session)
    return await _verified(found, environment, verify_timeout_s)


async def _verified(
    found: FoundRefutation | None, environment: ProofEnvironment, timeout_s: float
) -> Refutation | None:
    if found is None:
        return None
    try:
        verification = await verify(found.negation, found.tactics, environment, timeout_s=timeout_s)
    except InvalidTheoremError as error:  # a theorem that cannot be stated as an axiom
        logger.info("the negation cannot be stated: %s", error)
        return None
    if not verification.accepted:
        return None
    values = None if found.instance is None else dict(found.instance.values)
    return Refutation(counterexample=values, tactics=found.tactics, verification=verification)
