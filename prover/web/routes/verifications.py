"""Verification of a given text."""

from __future__ import annotations

from fastapi import APIRouter

from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import BeyondLimitError
from prover.proving.verify import verify_source
from prover.web.keys import Calling
from prover.web.schemas import VerificationSubmission, VerificationView
from prover.web.waiting_line import WaitingLine

CAPACITY = 100
"""Requests that are verified or wait; further ones are refused with 429."""


def router(environment: ProofEnvironment, *, max_timeout_s: float, concurrency: int) -> APIRouter:
    """Return the route. `concurrency`: number of texts that are verified at once."""
    routes = APIRouter(prefix="/v1/verifications", tags=["verifications"])
    line = WaitingLine(
        concurrency=concurrency,
        capacity=CAPACITY,
        refusal="too many texts are waiting for verification",
        retry_after_s=5.0,
    )

    @routes.post("", summary="Verify a text")
    async def verify(body: VerificationSubmission, caller: Calling) -> VerificationView:
        """Verify a whole text in a fresh instance: verdict, messages, axioms, tier. `against`: the statement to prove.

        The API verifies it while the client waits. A rejected text is a verdict (200), not an error.
        """
        if body.timeout_s is not None and body.timeout_s > max_timeout_s:
            raise BeyondLimitError(f"timeout_s is at most {max_timeout_s:g} here", place=("timeout_s",))
        source = Theorem.from_text(body.source)
        against = Theorem.from_text(body.against) if body.against is not None else None
        async with line.turn():
            verification = await verify_source(
                source, environment, against=against, timeout_s=body.timeout_s or max_timeout_s
            )
        return VerificationView.model_validate(verification.model_dump())

    return routes
