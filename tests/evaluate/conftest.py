from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def chromium() -> Iterator[Any]:
    """A browser without a window, if this machine has one; for one test, as its driver keeps an event loop running."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no browser: pip install playwright, and a chromium (apt install chromium)"
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
