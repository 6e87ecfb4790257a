"""The real page in a real browser, served by `prover serve` with real Redis and real Lean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prover.environments.lean_wasm.install import Installation
from tests.browser import chromium_or_skip, require_browser
from tests.prover_serve import Serve

DESK = {"viewport": {"width": 1400, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TRICK = "have : True := trivial"
"""Leads on and on."""

Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_or_skip() as browser:
        yield browser


@pytest.fixture(scope="session")
def serve(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """The service; not even started where there is no browser."""
    require_browser()
    assert installation.manifest.exists()
    serve = Serve(tmp_path_factory.mktemp("serve"))
    yield serve
    assert serve.end() == 0


@pytest.fixture
def opened(chromium: Any, serve: Serve) -> Iterator[Opened]:
    """Opens the page at an address after `#`. Anything that the page complains of, or loads from elsewhere, fails."""
    errors: list[str] = []
    contexts: list[Any] = []

    def asked(request: Any, base: str) -> None:
        if not request.url.startswith((base, "blob:")):
            errors.append(f"asks for {request.url}")

    def alerted(dialog: Any) -> None:
        errors.append(f"alerts {dialog.message}")
        dialog.dismiss()

    def said(message: Any) -> None:
        # A refused request is in the console, whatever the page makes of it.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def open_page(address: str = "/", *, base: str | None = None, **options: Any) -> Any:
        context = chromium.new_context(**(DESK | options))
        contexts.append(context)
        tab = context.new_page()
        where = base or str(serve.client.base_url).rstrip("/")
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", said)
        tab.on("request", lambda request: asked(request, where))
        tab.on("dialog", alerted)
        tab.goto(f"{where}/#{address}")
        tab.locator("h1").wait_for()
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def ended(serve: Serve, theorem: str, **members: Any) -> dict[str, Any]:
    """Submit a theorem past the page and wait for its end."""
    job = serve.prove(theorem, **members)
    assert job["status"] in {"completed", "failed", "cancelled"}, job
    return job


def seen(tab: Any, expression: str, argument: object = None) -> None:
    """Wait until an expression is true on the page."""
    tab.wait_for_function(expression, arg=argument, timeout=60_000)


def downloaded(tab: Any, act: Callable[[], None]) -> str:
    """The text of the file that `act` saves."""
    with tab.expect_download() as download:
        act()
    return Path(download.value.path()).read_text(encoding="utf-8")
