"""The page at `/`, its files at `/static`, and the OpenAPI page at `/docs`. Nothing loads from another origin."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from prover.report.standalone_page import TEMPLATES

FOLDER = Path(__file__).parent / "static"
"""`index.html` and everything that it needs. Scripts and styles are files, because the content security policy
(`prover.web.guard.PAGE_POLICY`) allows nothing inline and nothing from another origin."""
SHARED = Path(str(TEMPLATES))
"""Scripts and styles that the page shares with the files of `prover prove --tree` and `prover bench`."""

_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
_DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>prover: REST</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
_START = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true});\n"


class _Kept(StaticFiles):
    """Files that a browser caches and revalidates each time."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount_page(app: FastAPI, folder: Path = FOLDER) -> None:
    """Serve the page and its files."""
    app.mount("/static/shared", _Kept(directory=SHARED), name="shared")
    app.mount("/static", _Kept(directory=folder), name="static")

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})


def mount_docs(app: FastAPI) -> None:
    """Serve the OpenAPI page with the Swagger UI of `fastapi-offline`, if it is installed."""
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        return
    app.mount("/docs/assets", StaticFiles(directory=Path(spec.origin).parent / "static"), name="docs")

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_DOCS, headers={"Content-Security-Policy": _DOCS_POLICY})
