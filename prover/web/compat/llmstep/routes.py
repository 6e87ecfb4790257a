"""The route of llmstep's server."""

from __future__ import annotations

from fastapi import APIRouter

from prover.web.compat.error_shape import errors_as
from prover.web.compat.llmstep.adapter import suggested
from prover.web.compat.llmstep.protocol import LlmstepError, LlmstepRequest, LlmstepResponse
from prover.web.routes.tactics import Suggesting


def router(suggesting: Suggesting, *, path: str = "/") -> APIRouter:
    """Return the route, which llmstep's client expects at `/`."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: LlmstepError(error=sentence).model_dump()),
        responses={422: {"model": LlmstepError}, 503: {"model": LlmstepError}},
    )

    @routes.post(path, summary="llmstep")
    async def suggest(asked: LlmstepRequest) -> LlmstepResponse:
        """Suggest tactics as llmstep's server does. Those that close the goal come first, if they could be tried."""
        return await suggested(suggesting, asked)

    return routes
