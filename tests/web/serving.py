"""A real server for a few routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from prover.errors import InvalidTheoremError


@asynccontextmanager
async def serving(*routers: APIRouter) -> AsyncIterator[str]:
    """Give the address of a server of these routes, and of nothing else."""
    app = FastAPI()
    for router in routers:
        app.include_router(router)

    @app.exception_handler(InvalidTheoremError)
    async def problem(_: Request, error: InvalidTheoremError) -> JSONResponse:
        return JSONResponse({"title": error.reason}, 422)

    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
