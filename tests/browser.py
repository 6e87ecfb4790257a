"""A browser without a window, if this machine has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from prover.core.distribution import install_line


def require_browser() -> tuple[Any, str | None]:
    """Return Playwright and the browser's program (None: Playwright's own); skip where that is not installed."""
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason=f"no browser: {install_line('browser')}, and a chromium (apt install chromium)",
    )
    return playwright, shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def chromium_or_skip() -> Iterator[Any]:
    """Give a running Chromium. While it runs its driver keeps an event loop running: no async test in between."""
    playwright, program = require_browser()
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
