"""The policies of this server, for the page's form."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from prover.policies.registry import assistant_of, policies_for


class PolicyView(BaseModel):
    """A policy that a request can name."""

    name: str
    summary: str


def router(environment_name: str) -> APIRouter:
    """Return the route. It belongs to the page and is not part of `/v1`."""
    routes = APIRouter(prefix="/page", include_in_schema=False)
    assistant = assistant_of(environment_name)

    @routes.get("/policies")
    async def policies() -> list[PolicyView]:
        """List the policies for this server's proof assistant."""
        return [PolicyView(name=entry.name, summary=entry.summary) for entry in policies_for(assistant)]

    return routes
