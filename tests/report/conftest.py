from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import chromium_or_skip


@pytest.fixture
def chromium() -> Iterator[Any]:
    """A browser for one test."""
    with chromium_or_skip() as browser:
        yield browser
