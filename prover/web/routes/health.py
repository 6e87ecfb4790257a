"""Liveness, readiness and metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from prover._version import __version__
from prover.errors import ProverError, StoreError
from prover.jobs.statistics import read_statistics
from prover.web.metrics import CONTENT_TYPE, Metrics
from prover.web.services import Services

REDIS_TIMEOUT_S = 3.0
MODEL_S = 10.0
"""How long the model's answer to whether it is there is remembered."""
MEANWHILE = "jobs go on without the model, those with the policy model wait for it"


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str = __version__


class Dependency(BaseModel):
    """One dependency of the service."""

    ok: bool
    detail: str
    needed: bool = Field(default=True, description="false: the service works without it, with limits")


class Readiness(BaseModel):
    """Whether the service can accept requests, and if not, why."""

    ready: bool
    dependencies: dict[str, Dependency]


def _workers(reporting: int, starting: int) -> str:
    """Say how many workers report; if none does, why."""
    if reporting:
        return f"{reporting} worker{'' if reporting == 1 else 's'}"
    if starting:
        return f"{starting} worker{' is' if starting == 1 else 's are'} starting: jobs wait a moment"
    return "no worker: jobs wait (start one: `prover worker`)"


class _Asked:
    """What is known of the model: asked again at most every `MODEL_S` seconds, by one request."""

    def __init__(self, check: Callable[[], Awaitable[str | None]] | None) -> None:
        self._check = check
        self._asking = asyncio.Lock()
        self._known: Dependency | None = None
        self._until = 0.0

    async def now(self) -> Dependency:
        async with self._asking:
            if self._known is None or time.monotonic() > self._until:
                reason = await self._check() if self._check else None
                detail = f"{reason}; {MEANWHILE}" if reason else "answers"
                self._known = Dependency(ok=reason is None, detail=detail, needed=False)
                self._until = time.monotonic() + MODEL_S
            return self._known


def router(services: Services, metrics: Metrics) -> APIRouter:
    """Return the routes for operators. None requires an API key."""
    routes = APIRouter(tags=["operation"])

    async def store() -> Dependency:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                await services.store.connection.ping()
                statistics = await read_statistics(services.store.connection)
        except (StoreError, TimeoutError) as error:
            return Dependency(ok=False, detail=str(error) or f"Redis does not answer within {REDIS_TIMEOUT_S:.0f} s")
        return Dependency(ok=True, detail=f"{statistics.queued} jobs wait, {statistics.running} run")

    async def workers() -> Dependency:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                statistics = await read_statistics(services.store.connection)
        except (StoreError, TimeoutError):
            return Dependency(ok=False, detail="unknown", needed=False)
        return Dependency(
            ok=statistics.workers > 0, detail=_workers(statistics.workers, services.starting()), needed=False
        )

    assistant_name = "isabelle" if services.environment_name == "isabelle" else "lean"

    def assistant() -> Dependency:
        try:
            services.check_environment()
        except ProverError as error:
            return Dependency(ok=False, detail=f"{error}: this API cannot verify", needed=False)
        return Dependency(ok=True, detail=services.environment.identity, needed=False)

    asked = _Asked(services.check_model)

    @routes.get("/healthz", summary="Does the process answer?")
    async def healthz() -> Health:
        """Report that the process answers. If it does not, restart it."""
        return Health()

    @routes.get(
        "/readyz",
        summary="Can requests be accepted?",
        responses={503: {"model": Readiness, "description": "A dependency is missing"}},
    )
    async def readyz(response: Response) -> Readiness:
        """Report the state of each dependency. 503: send requests elsewhere for now."""
        draining = services.draining.is_set()
        dependencies = {
            "redis": await store(),
            "workers": await workers(),
            assistant_name: assistant(),
            **({"model": await asked.now()} if services.check_model else {}),
            "process": Dependency(ok=not draining, detail="shutting down" if draining else "accepts requests"),
        }
        ready = all(dependency.ok for dependency in dependencies.values() if dependency.needed)
        response.status_code = 200 if ready else 503
        return Readiness(ready=ready, dependencies=dependencies)

    @routes.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def prometheus() -> Response:
        """Return metrics in the Prometheus text format, of this process and of all workers together."""
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                statistics = await read_statistics(services.store.connection)
        except (StoreError, TimeoutError):
            statistics = None
        return Response(metrics.render(statistics), media_type=CONTENT_TYPE)

    return routes
