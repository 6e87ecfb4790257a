"""Verification of a text that somebody has."""

from __future__ import annotations

from fastapi import APIRouter

from prover.core.theorem import Theorem
from prover.errors import BeyondLimitError, TooBusyError
from prover.proving.verify import verify_source
from prover.web.keys import Calling
from prover.web.schemas import VerificationSubmission, VerificationView
from prover.web.services import Services

LONGEST_LINE = 100


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/verifications", tags=["verifications"])
    cap = services.settings.verify_timeout_s

    @routes.post("")
    async def verify(body: VerificationSubmission, caller: Calling) -> VerificationView:
        """Verify a whole text in a fresh instance: verdict, messages, axioms, tier; with `against`: of that statement.

        It happens while you wait, in this process; a text that is refused is a verdict (200), not an error.
        """
        if body.timeout_s is not None and body.timeout_s > cap:
            raise BeyondLimitError(f"timeout_s is at most {cap:g} here", place=("timeout_s",))
        source = Theorem.from_text(body.source)
        against = Theorem.from_text(body.against) if body.against is not None else None
        if services.waiting >= LONGEST_LINE:
            raise TooBusyError("too many texts wait for their verification", retry_after_s=5.0)
        services.waiting += 1
        try:
            async with services.verifying:
                verdict = await verify_source(
                    source, services.environment, against=against, timeout_s=body.timeout_s or cap
                )
        finally:
            services.waiting -= 1
        return VerificationView.model_validate(verdict.model_dump())

    return routes
