"""POST /v1/premises: theorems of the library that may help at a goal."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from prover.proving.goal_text import MAX_GOAL_CHARACTERS
from prover.proving.premises import PremiseFinder, PremisesFound
from prover.web.schemas import Body, Text


class PremisesRequest(Body):
    """A proof state as Lean prints it, and what stands before it in its file."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "xs ys : List Nat\n⊢ (xs ++ ys).length = xs.length + ys.length"}]}
    )

    state: str = Field(min_length=1, max_length=MAX_GOAL_CHARACTERS, description="premises are for its first goal")
    header: Text = Field(default="", description="text before the theorem: imports, `open`, definitions")
    n: int = Field(default=16, ge=1, le=256, description="theorems at most")


def router(finder: PremiseFinder) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1", tags=["tactics"])

    @routes.post("/premises", summary="Find theorems to cite")
    async def premises(asked: PremisesRequest) -> PremisesFound:
        """Find theorems of the server's library that are like the goal, the best first; none is tried."""
        return await finder.for_state(asked.state, header=asked.header, n=asked.n)

    return routes
