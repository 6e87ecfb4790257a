"""llmstep's protocol, `python/suggest.py` of `wellecks/llmstep` @88f4107.

Its own server answers every request with status 200; here bad input is a 4xx with the same `error` field.
"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from prover.proving.goal_text import MAX_GOAL_CHARACTERS, header_of_context
from prover.proving.suggest import Outcome, SuggestionOptions
from prover.web.compat.errors import errors_as
from prover.web.routes.tactics import STATE, Suggesting

SUGGESTIONS = 10
"""As many as its own server samples: the client tries each of them in Lean."""
LIMITS = SuggestionOptions(n=32, timeout_s=8.0, tactic_timeout_s=2.0)


class LlmstepRequest(BaseModel):
    """A proof state, how the tactic begins, and the file up to there (which clients of old servers leave out)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tactic_state": STATE, "prefix": "", "context": ""}]})

    tactic_state: str = Field(min_length=1, max_length=MAX_GOAL_CHARACTERS)
    prefix: str = Field(default="", max_length=1000)
    context: str = ""


class LlmstepResponse(BaseModel):
    """Tactics, the best first, each with its prefix."""

    suggestions: list[str]


class LlmstepError(BaseModel):
    """What is wrong with the request."""

    error: str


def router(suggesting: Suggesting, *, path: str = "/") -> APIRouter:
    """Return the route, which its client expects at `/`."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: LlmstepError(error=sentence).model_dump()),
        responses={422: {"model": LlmstepError}, 503: {"model": LlmstepError}},
    )

    @routes.post(path, summary="llmstep")
    async def suggest(asked: LlmstepRequest) -> LlmstepResponse:
        """Suggest as llmstep's server does. What closes the goal comes first, where it could be tried."""
        found = await suggesting.for_state(
            asked.tactic_state,
            header=header_of_context(asked.context),
            options=LIMITS.model_copy(update={"prefix": asked.prefix}),
        )
        best = [s for s in found.suggestions if s.outcome is not Outcome.FAILS][:SUGGESTIONS]
        # What fails in the goal read back may yet hold in the user's file, which we do not have.
        return LlmstepResponse(suggestions=[s.tactic for s in best or found.suggestions[:SUGGESTIONS]])

    return routes
