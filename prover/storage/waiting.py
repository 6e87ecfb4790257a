"""Announce long waits, because silence looks like a hang."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

AFTER_S = 1.0
AGAIN_S = 30.0


@asynccontextmanager
async def announced(what: str, *, after_s: float = AFTER_S) -> AsyncIterator[None]:
    """Within the context, log that we are waiting for `what`: after a second, and then from time to time.

    The level is WARNING, so that commands show it without any logging options.
    """
    saying = asyncio.create_task(_say(what, after_s))
    try:
        yield
    finally:
        saying.cancel()


async def _say(what: str, after_s: float) -> None:
    await asyncio.sleep(after_s)
    while True:
        logger.warning("waiting for %s", what)
        await asyncio.sleep(AGAIN_S)
