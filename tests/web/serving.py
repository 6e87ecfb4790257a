"""A real server for a few routes."""

from __future__ import annotations

import asyncio
import socket
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

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
