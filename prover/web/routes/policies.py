"""The policies of this server, for the form of the page."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from prover.policies.registry import assistant_of, policies_for
from prover.web.services import Services


class PolicyView(BaseModel):
    """A policy that can be asked for."""

    name: str
    summary: str


def router(services: Services) -> APIRouter:
    """Return the route. It is the page's own and no part of `/v1`."""
    routes = APIRouter(prefix="/page", include_in_schema=False)
    assistant = assistant_of(services.settings.environment)

    @routes.get("/policies")
    async def policies() -> list[PolicyView]:
        """List the policies for this server's proof assistant."""
        return [PolicyView(name=entry.name, summary=entry.summary) for entry in policies_for(assistant)]

    return routes
