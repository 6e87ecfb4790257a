"""The application: all routes, the middleware, and the OpenAPI description."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from prover._version import __version__
from prover.web import problems
from prover.web.guard import Guard
from prover.web.keys import Access, current_caller
from prover.web.metrics import Metrics
from prover.web.page import mount_docs, mount_page
from prover.web.routes import about, batches, figures, health, policies, proofs, verifications
from prover.web.schemas import EVENTS, BatchSubmission
from prover.web.services import Services

DESCRIPTION = """Submit theorems and get proofs that the Lean 4 kernel has checked.

Errors are problem+json (RFC 9457). `/v1` is stable. If authentication is on, send an API key:
`Authorization: Bearer prover_...`.
"""


def create_app(
    services: Services, *, routers: Sequence[APIRouter] = (), open_routers: Sequence[APIRouter] = ()
) -> FastAPI:
    """Return the application.

    `routers` are added as they are and require an API key like the routes here (endpoints for the clients of other
    tools, tactic suggestions); `open_routers` require none.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        services.draining.set()

    app = FastAPI(
        title="prover",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    app.state.access = Access(services.keys, services.store)
    problems.install(app)
    app.include_router(health.router(services, metrics))
    for routes in (
        proofs.router(services, metrics),
        batches.router(services),
        verifications.router(
            services.environment,
            max_timeout_s=services.verify_timeout_s,
            concurrency=services.limits.verifications,
        ),
        figures.router(services.store),
        policies.router(services.environment_name),
        about.router(services),
        *routers,
    ):
        app.include_router(routes, dependencies=[Depends(current_caller)])
    for routes in open_routers:
        app.include_router(routes)
    mount_docs(app)
    mount_page(app)
    if services.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(services.cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed"],
        )
    limits = services.limits
    app.add_middleware(Guard, metrics=metrics, max_body=limits.body_bytes, large={batches.PATH: limits.batch_bytes})
    app.openapi = _description(app)  # type: ignore[method-assign]  # FastAPI's own way to change it
    return app


def _description(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _add_schemas(schema)
            app.openapi_schema = schema
        access: Access = app.state.access
        return _without_keys(app.openapi_schema) if access.keys.empty else app.openapi_schema

    return openapi


def _without_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a server that asks for no API key: `/docs` then shows no locks."""
    paths = {
        path: {
            method: {name: said for name, said in operation.items() if name != "security"}
            for method, operation in of.items()
        }
        for path, of in schema["paths"].items()
    }
    components = {name: known for name, known in schema["components"].items() if name != "securitySchemes"}
    return {**schema, "paths": paths, "components": components}


def _add_schemas(schema: dict[str, Any]) -> None:
    """Add the schemas that no route names: problems, the streamed batch, the data of server-sent events."""
    known = schema["components"]["schemas"]
    models: list[type[BaseModel]] = [problems.ProblemDetails, BatchSubmission, *EVENTS.values()]
    for model in models:
        mode: Literal["validation", "serialization"] = "validation" if model is BatchSubmission else "serialization"
        described = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
        for name, inner in described.pop("$defs", {}).items():
            known.setdefault(name, inner)
        known.setdefault(model.model_config.get("title") or model.__name__, described)
    for path in schema["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]  # FastAPI's own error format, which we do not use
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
