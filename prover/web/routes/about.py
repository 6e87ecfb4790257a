"""What this server proves with, for the page."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from prover.core.budget import SearchBudget
from prover.web.services import Services


class AboutView(BaseModel):
    """The proof assistant, by its name in the settings and at its version, and the largest budget of a job."""

    environment: str
    identity: str
    most: SearchBudget


def router(services: Services) -> APIRouter:
    """Return the route. It belongs to the page and is not part of `/v1`."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.get("/about")
    async def about() -> AboutView:
        """Say what this server proves with."""
        return AboutView(
            environment=services.environment_name,
            identity=services.environment.identity,
            most=services.limits.budget,
        )

    return routes
